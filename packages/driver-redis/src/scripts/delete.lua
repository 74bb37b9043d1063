-- Removes one entry.
--
-- KEYS, ARGV[1..6]: see epoch.lua
-- ARGV[7]  store key
-- ARGV[8]  remove only if the entry has this revision; "": in any case
--
-- Returns {"written", revision}, {"missing"} or {"conflict", the entry's revision}.
local key, expected = ARGV[FIRST], ARGV[FIRST + 1]
local meta = current_epoch()
local entry = redis.call("HGET", ENTRIES, key)
if not entry then
  return { "missing" }
end
local present = revision_of(entry)
if expected ~= "" and tonumber(expected) ~= present then
  return { "conflict", whole(present) }
end
append(meta, "k", key)
redis.call("HDEL", ENTRIES, key)
save(meta)
tell(meta.revision)
return { "written", whole(meta.revision) }
