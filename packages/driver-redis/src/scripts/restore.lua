-- Writes a replica back after the data was lost.
--
-- KEYS, ARGV[1..6]: see epoch.lua
-- ARGV[7]   id of the epoch that lost the data
-- ARGV[8]   the replica's revision
-- ARGV[9..] the replica's entries, in threes: store key, revision, value
--
-- Returns {"written", revision}, or {"conflict"} where the epoch is another one or was restored already.
local lost, replica_revision = ARGV[FIRST], tonumber(ARGV[FIRST + 1])
local meta = load_meta()
if not meta or meta.epoch ~= lost or (meta.origin ~= "fresh" and meta.origin ~= "rewound") then
  return { "conflict" }
end

-- What was written or deleted since the loss stays so.
local settled = {}
for _, change in ipairs(redis.call("XRANGE", CHANGES, whole(meta.base + 1), "+")) do
  local fields = change[2]
  if fields[3] == "k" then
    settled[fields[4]] = true
  end
end
local stored = redis.call("HGETALL", ENTRIES)
local outdated = {}
for index = 1, #stored, 2 do
  if revision_of(stored[index + 1]) > meta.base then
    settled[stored[index]] = true
  else
    outdated[#outdated + 1] = stored[index]
  end
end

meta.revision = math.max(meta.revision, replica_revision)
meta.origin = "restored"
append(meta)
redis.call("XTRIM", CHANGES, "MAXLEN", 1)
for _, key in ipairs(outdated) do
  redis.call("HDEL", ENTRIES, key)
end
for index = FIRST + 2, #ARGV, 3 do
  if not settled[ARGV[index]] then
    redis.call("HSET", ENTRIES, ARGV[index], ARGV[index + 1] .. " " .. ARGV[index + 2])
  end
end
save(meta)
tell(meta.revision)
return { "written", whole(meta.revision) }
