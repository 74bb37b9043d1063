-- What a watcher has to be told to be up to date.
--
-- KEYS, ARGV[1..6]: see epoch.lua
-- ARGV[7]  mark of the caller's last revision
-- ARGV[8]  how many changes to return at most
--
-- Returns {kind, epoch, origin, base, began, revision, mark, list}: the caller stands at that revision and mark afterwards.
-- kind "changes":  list is what XRANGE returns, in order; possibly empty. If it is full, there may be more.
-- kind "snapshot": list is what HGETALL returns.
local known_mark, limit = ARGV[FIRST], tonumber(ARGV[FIRST + 1])
local meta = current_epoch()

local function answer(kind, revision, mark, list)
  return { kind, meta.epoch, meta.origin, whole(meta.base), whole(meta.began), whole(revision), mark, list }
end

local function snapshot()
  return answer("snapshot", meta.revision, meta.mark, redis.call("HGETALL", ENTRIES))
end

if meta.epoch ~= KNOWN_EPOCH then
  return snapshot()
end
if meta.revision == KNOWN_REVISION then
  if meta.mark ~= known_mark then
    return snapshot()
  end
  return answer("changes", meta.revision, meta.mark, {})
end

-- The history goes on from the caller's own revision only if the change that it knows by that number is the one stored:
-- after a failover others may have used the number again.
local from = KNOWN_REVISION == 0 and 1 or KNOWN_REVISION
local list = redis.call("XRANGE", CHANGES, whole(from), "+", "COUNT", limit + 1)
if not list[1] or list[1][1] ~= whole(from) .. "-0" then
  return snapshot()
end
if KNOWN_REVISION ~= 0 then
  if list[1][2][2] ~= known_mark then
    return snapshot()
  end
  table.remove(list, 1)
end
-- An epoch's first entry tells of no change: what it stands for is in the snapshot alone.
if not list[1] or not list[1][2][3] then
  return snapshot()
end
local last = list[#list]
return answer("changes", tonumber(string.match(last[1], "^(%d+)")), last[2][2], list)
