-- The part that every script begins with: the data's epoch, and the tools to write a change.
-- It is put in front of each script when that is loaded; no script runs without it.
--
-- KEYS[1]  meta     hash: epoch, origin, base, began, revision, mark, count
-- KEYS[2]  entries  hash: store key -> "<revision> <value>"
-- KEYS[3]  changes  stream: id "<revision>-0"; m = mark, k = store key, v = value (no v: deleted; no k: an epoch's first entry)
-- ARGV[1]  channel on which watchers are told
-- ARGV[2]  how many changes to keep
-- ARGV[3]  epoch id that the caller last saw, "" for none
-- ARGV[4]  revision that the caller last saw in it
-- ARGV[5]  when that epoch began, 0 where the caller does not know
-- ARGV[6]  identifier, not used before: mark of a change, or id of an epoch that begins here
local META, ENTRIES, CHANGES = KEYS[1], KEYS[2], KEYS[3]
local CHANNEL, HISTORY = ARGV[1], ARGV[2]
local KNOWN_EPOCH, KNOWN_REVISION, KNOWN_BEGAN = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local IDENTIFIER = ARGV[6]
local FIRST = 7

-- Lua would print a large number as 1e+15.
local function whole(number)
  return string.format("%.0f", number)
end

local function load_meta()
  local stored = redis.call("HMGET", META, "epoch", "origin", "base", "revision", "mark", "count", "began")
  if not stored[1] then
    return nil
  end
  return {
    epoch = stored[1],
    origin = stored[2],
    base = tonumber(stored[3]),
    revision = tonumber(stored[4]),
    mark = stored[5],
    count = tonumber(stored[6]),
    began = tonumber(stored[7] or 0),
  }
end

-- A caller that may not publish has written all the same: the others find it when they next poll.
local function tell(revision)
  redis.pcall("PUBLISH", CHANNEL, whole(revision))
end

local function save(meta)
  meta.count = redis.call("HLEN", ENTRIES)
  redis.call("HSET", META, "epoch", meta.epoch, "origin", meta.origin, "base", whole(meta.base),
    "began", whole(meta.began), "revision", whole(meta.revision), "mark", meta.mark, "count", meta.count)
end

-- Later than every epoch that is known here, whatever the server's clock says. In milliseconds.
local function moment_after(began)
  local now = redis.call("TIME")
  return math.max(tonumber(now[1]) * 1000 + math.floor(tonumber(now[2]) / 1000), KNOWN_BEGAN + 1, began + 1)
end

local function begin_epoch(meta)
  meta.began = moment_after(meta.began)
  save(meta)
  tell(meta.revision)
  return meta
end

-- Older data than the caller has seen: of its epoch, or of one that was over when that began.
local function is_older(meta)
  if meta.epoch == KNOWN_EPOCH then
    return meta.revision < KNOWN_REVISION
  end
  return meta.began < KNOWN_BEGAN
end

-- The epoch of the data as it is found. No data: a fresh one. Older data than the caller has seen, or entries that went
-- missing behind our back (evicted, deleted by hand): a rewound one.
local function current_epoch()
  local meta = load_meta()
  if not meta then
    redis.call("DEL", ENTRIES, CHANGES)
    return begin_epoch({ epoch = IDENTIFIER, origin = "fresh", base = 0, began = 0, revision = 0, mark = "" })
  end
  if is_older(meta) or meta.count ~= redis.call("HLEN", ENTRIES) then
    meta.epoch, meta.origin, meta.base = IDENTIFIER, "rewound", meta.revision
    return begin_epoch(meta)
  end
  return meta
end

-- "<revision> <value>" -> revision
local function revision_of(entry)
  return tonumber(string.sub(entry, 1, string.find(entry, " ", 1, true) - 1))
end

-- Adds to the history first: of all the commands of a write it is the one that Redis may refuse, and then nothing is written.
local function append(meta, ...)
  meta.revision = meta.revision + 1
  meta.mark = IDENTIFIER
  redis.call("XADD", CHANGES, "MAXLEN", HISTORY, whole(meta.revision) .. "-0", "m", IDENTIFIER, ...)
end
