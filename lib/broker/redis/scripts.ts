/**
 * What runs within Redis. A script is atomic there: a publication gets its offset, is kept and is sent to
 * subscribers in one step, so the order of offsets is that of delivery, and none is left out.
 *
 * Theory of operation. A channel's history is a list, `<ms>:<body>` each, or `<ms>,<id>:<body>`, a hash of the
 * offsets by these ids, and another hash: `epoch`, `top` (the
 * newest offset), `bytes` (of all bodies), `age` (the bound) and `witness`. The witness says which Redis
 * acknowledged what is there: its run id, which is new whenever the process is, and the offset from which a
 * promoted replica went on. Every script compares it with the Redis that runs it. Another one may have lost what
 * was acknowledged, so it begins a new epoch. It is looked at in each call, for a connection may be older than
 * a promotion, and two nodes that know different things would begin epochs in turn.
 */
import { createHash } from 'node:crypto';

export interface Script {
  readonly source: string;
  /** Under which Redis finds it, once it was loaded. */
  readonly sha: string;
}

/** KEYS: hash, list, hash of ids. ARGV: an epoch in case a new one is begun, `memory` or `always`, idleMs. */
const OPEN = `
local info = redis.call('INFO', 'server', 'replication', 'persistence')
local witness = string.match(info, 'run_id:(%w+)')
if ARGV[2] == 'always' and string.find(info, 'aof_enabled:1', 1, true) then witness = 'always' end
witness = witness .. ':' .. string.match(info, 'second_repl_offset:(%-?%d+)')
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function open()
  local meta = redis.call('HMGET', KEYS[1], 'epoch', 'witness', 'top', 'bytes', 'age')
  if meta[1] and meta[2] == witness then
    return meta[1], tonumber(meta[3]), tonumber(meta[4]), tonumber(meta[5])
  end
  redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
  redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'witness', witness, 'top', 0, 'bytes', 0, 'age', -1)
  return ARGV[1], 0, 0, -1
end

local function trim(count, bytes, age, size, limit)
  while count > 0 do
    local isFull = count > size or (bytes > limit and count > 1)
    if not isFull and age < 0 then break end
    local first = redis.call('LINDEX', KEYS[2], 0)
    local colon = string.find(first, ':', 1, true)
    local ms, id = string.match(first, '^(%d+),?([^:]*):')
    if not isFull and tonumber(ms) >= now - age then break end
    redis.call('LPOP', KEYS[2])
    if id ~= '' then redis.call('HDEL', KEYS[3], id) end
    count = count - 1
    bytes = bytes - (#first - colon)
  end
  return count, bytes
end

local function close(bytes)
  redis.call('HSET', KEYS[1], 'bytes', bytes)
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  redis.call('PEXPIRE', KEYS[2], ARGV[3])
  redis.call('PEXPIRE', KEYS[3], ARGV[3])
end
`;

/**
 * ARGV further: body, size, bytes, ageMs (below 0: none), topic, id or nothing,
 * the command that publishes. Returns epoch and offset.
 */
export const PUBLISH = script(`${OPEN}
local body, size, limit, age = ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local epoch, top, bytes = open()
local id = ARGV[9]
local known = id ~= '' and redis.call('HGET', KEYS[3], id)
if known then return { epoch, known } end
top = top + 1
redis.call('HSET', KEYS[1], 'top', top, 'age', age)
if id ~= '' then redis.call('HSET', KEYS[3], id, top) end
local count = redis.call('RPUSH', KEYS[2], now .. (id == '' and '' or ',' .. id) .. ':' .. body)
if count == 1 then bytes = 0 end
local _, left = trim(count, bytes + #body, age, size, limit)
close(left)
redis.call(ARGV[10], ARGV[8], epoch .. '.' .. top .. ':' .. body)
return { epoch, top }
`);

/**
 * ARGV further: epoch and offset after which to read, an empty epoch for all; `1` if a history is to be begun
 * where there is none. Returns nothing where there is none, else epoch, newest offset, 1 if recovered, the
 * offset before the first entry, and the entries.
 */
export const HISTORY = script(`${OPEN}
if ARGV[6] ~= '1' and redis.call('EXISTS', KEYS[1]) == 0 then return false end
local epoch, top, bytes, age = open()
local count, left = trim(redis.call('LLEN', KEYS[2]), bytes, age, math.huge, math.huge)
close(left)
local first = top - count
local from = ARGV[4] == '' and first or tonumber(ARGV[5])
if ARGV[4] ~= '' and (ARGV[4] ~= epoch or from < first or from > top) then return { epoch, top, 0, top, {} } end
return { epoch, top, 1, from, redis.call('LRANGE', KEYS[2], from - first, -1) }
`);

export function script(source: string): Script {
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}
