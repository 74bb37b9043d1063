-- Removes every entry on purpose and begins a new epoch.
--
-- KEYS, ARGV[1..6]: see epoch.lua
--
-- Returns {"written", revision}.
local meta = load_meta()
if not meta then
  redis.call("DEL", ENTRIES, CHANGES)
  meta = { revision = 0, began = 0 }
end
meta.revision = math.max(meta.revision, KNOWN_REVISION)
append(meta)
redis.call("XTRIM", CHANGES, "MAXLEN", 1)
redis.call("DEL", ENTRIES)
meta.epoch, meta.origin, meta.base = IDENTIFIER, "wiped", meta.revision
meta.began = moment_after(meta.began)
save(meta)
tell(meta.revision)
return { "written", whole(meta.revision) }
