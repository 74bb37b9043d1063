-- Writes one entry.
--
-- KEYS, ARGV[1..6]: see epoch.lua
-- ARGV[7]  store key
-- ARGV[8]  value
-- ARGV[9]  write only if the entry has this revision; 0: only if there is none; "": in any case
--
-- Returns {"written", revision} or {"conflict", the entry's revision}.
local key, value, expected = ARGV[FIRST], ARGV[FIRST + 1], ARGV[FIRST + 2]
local meta = current_epoch()
local entry = redis.call("HGET", ENTRIES, key)
local present = entry and revision_of(entry) or 0
if expected ~= "" and tonumber(expected) ~= present then
  return { "conflict", whole(present) }
end
append(meta, "k", key, "v", value)
redis.call("HSET", ENTRIES, key, whole(meta.revision) .. " " .. value)
save(meta)
tell(meta.revision)
return { "written", whole(meta.revision) }
