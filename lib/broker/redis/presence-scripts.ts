/**
 * What runs within Redis for presence, in one step each.
 *
 * Theory of operation. The people of a channel are a hash: a field for each, `m` and the key, whose value is the
 * processes that said so and the info: `,<node>,<node>,` LF `<json>`. Its fields `e` and `v` are the epoch and the
 * number of the last change. Beside it a sorted set has for each process until when it is believed to live. A
 * person who gets a first process has joined, one who loses the last has left; that is told there and then, so
 * once. Every script begins by taking out the processes whose time is over: whoever comes first tells of them.
 *
 * Both scripts take KEYS: hash, sorted set; ARGV: topic of changes, a node, an epoch in case one is begun,
 * the command that publishes.
 */
import { type Script, script } from './scripts.js';

const COMMON = `
local topic, node, fresh, publish = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function open()
  if redis.call('HSETNX', KEYS[1], 'e', fresh) == 1 then redis.call('HSET', KEYS[1], 'v', 0) end
end

local function tell(type, key, info)
  local version = redis.call('HINCRBY', KEYS[1], 'v', 1)
  local change = '["' .. type .. '",' .. cjson.encode(key) .. ',' .. info .. ']'
  redis.call(publish, topic, redis.call('HGET', KEYS[1], 'e') .. '.' .. version .. ':' .. change)
end

local function split(value)
  local nodes, info = string.match(value, '^([^\\n]*)\\n(.*)$')
  return nodes or ',', info or 'null'
end

local function drop(field, gone)
  local value = redis.call('HGET', KEYS[1], field)
  if not value then return end
  local nodes, info = split(value)
  local first, last = string.find(nodes, ',' .. gone .. ',', 1, true)
  if not first then return end
  nodes = string.sub(nodes, 1, first) .. string.sub(nodes, last + 1)
  if nodes ~= ',' then return redis.call('HSET', KEYS[1], field, nodes .. '\\n' .. info) end
  redis.call('HDEL', KEYS[1], field)
  tell('left', string.sub(field, 2), info)
end

local function dropAll(gone, except)
  for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
    if string.sub(field, 1, 1) == 'm' and not except[field] then drop(field, gone) end
  end
end

local function sweep()
  for _, dead in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now)) do
    dropAll(dead, {})
    redis.call('ZREM', KEYS[2], dead)
  end
end
`;

/**
 * What one process says of its people. ARGV further: ms until it is taken for dead, people listed at most, `1` if
 * it has any here, `1` if what it says is all, how many keys of people follow who are gone, these, and then key and
 * info of each who came. Returns 0 when that is not enough, for Redis knows nothing of the process; else the keys
 * for which there was no place.
 */
export const SYNC = script(`${COMMON}
local ttl, size, isHere, isAll, gone = tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7], ARGV[8], tonumber(ARGV[9])
if isHere ~= '1' and redis.call('EXISTS', KEYS[1]) == 0 then return {} end
open()
sweep()
local isKnown = redis.call('ZSCORE', KEYS[2], node)
if isHere == '1' and isAll ~= '1' and not isKnown then return 0 end
for i = 10, 9 + gone do drop('m' .. ARGV[i], node) end
if isAll == '1' and isKnown then
  local kept = {}
  for i = 10 + gone, #ARGV, 2 do kept['m' .. ARGV[i]] = true end
  dropAll(node, kept)
end
local refused = {}
for i = 10 + gone, #ARGV, 2 do
  local field = 'm' .. ARGV[i]
  local value = redis.call('HGET', KEYS[1], field)
  if value then
    local nodes, info = split(value)
    if not string.find(nodes, ',' .. node .. ',', 1, true) then
      redis.call('HSET', KEYS[1], field, nodes .. node .. ',\\n' .. info)
    end
  elseif redis.call('HLEN', KEYS[1]) - 2 < size then
    redis.call('HSET', KEYS[1], field, ',' .. node .. ',\\n' .. ARGV[i + 1])
    tell('joined', ARGV[i], ARGV[i + 1])
  else
    refused[#refused + 1] = ARGV[i]
  end
end
if isHere == '1' then
  redis.call('ZADD', KEYS[2], now + ttl, node)
  redis.call('PEXPIRE', KEYS[1], ttl * 2)
  redis.call('PEXPIRE', KEYS[2], ttl * 2)
else
  redis.call('ZREM', KEYS[2], node)
end
return refused
`);

/**
 * ARGV further: `1` to be told who is there. Returns nothing where nothing was told yet; else epoch, number of the
 * last change, and fields and values.
 */
export const READ = script(`${COMMON}
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
open()
sweep()
local people = ARGV[5] == '1' and redis.call('HGETALL', KEYS[1]) or {}
return { redis.call('HGET', KEYS[1], 'e'), redis.call('HGET', KEYS[1], 'v'), people }
`);

export const PRESENCE_SCRIPTS: readonly Script[] = [SYNC, READ];
