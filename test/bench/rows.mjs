/**
 * The work that is measured. `aims` are Nestwire's own goals: at most so many times the cost of
 * another contestant in the same run. Small messages are text, as applications send them; large ones
 * are binary, as files are.
 */
const KIB = 1024;
const MIB = 1024 * KIB;

const echo = { kind: 'echo', inFlight: 1, connections: 64, opcode: 'text', deflate: false };
const fanOut = { kind: 'fan-out', burst: 1, bytes: 128, opcode: 'text', deflate: false };

const table = [
  {
    ...echo,
    id: 'echo-32',
    title: 'echo 32 B, 1 in flight',
    bytes: 32,
    aims: { nestwire: ['ws', 0.9], gateway: ['platform-ws', 0.5] },
  },
  {
    ...echo,
    id: 'echo-32-16',
    title: 'echo 32 B, 16 in flight',
    bytes: 32,
    inFlight: 16,
    aims: { nestwire: ['ws', 0.12], gateway: ['platform-ws', 0.25] },
  },
  {
    ...echo,
    id: 'echo-16k',
    title: 'echo 16 KiB',
    bytes: 16 * KIB,
    opcode: 'binary',
    aims: { nestwire: ['ws', 0.9] },
  },
  {
    ...echo,
    id: 'echo-1m',
    title: 'echo 1 MiB',
    bytes: MIB,
    opcode: 'binary',
    connections: 16,
    aims: { nestwire: ['ws', 0.8] },
  },
  {
    ...fanOut,
    id: 'fan-out',
    title: 'fan-out 1 to 1,000, 128 B',
    connections: 1000,
    aims: { nestwire: ['ws', 0.9] },
  },
  {
    ...fanOut,
    id: 'fan-out-8',
    title: 'fan-out 1 to 1,000, bursts of 8',
    connections: 1000,
    burst: 8,
    aims: { nestwire: ['ws', 0.15] },
  },
  {
    ...echo,
    id: 'deflate-echo',
    title: 'echo 1 KiB, deflate with takeover',
    bytes: KIB,
    deflate: true,
    aims: { nestwire: ['ws', 0.5] },
  },
  {
    ...echo,
    id: 'deflate-echo-varied',
    title: 'echo 1 KiB, deflate, every number new',
    bytes: KIB,
    deflate: true,
    allMove: true,
    aims: {},
  },
  {
    ...fanOut,
    id: 'deflate-fan-out',
    title: 'fan-out 1 to 500, 1 KiB, deflate',
    bytes: KIB,
    connections: 500,
    deflate: true,
    aims: { nestwire: ['ws', 0.1] },
  },
  {
    kind: 'idle',
    id: 'idle',
    title: 'memory of an idle connection',
    connections: 10_000,
    bytes: 32,
    opcode: 'text',
    deflate: false,
    aims: { nestwire: ['ws', 0.9], gateway: ['platform-ws', 0.6] },
  },
];

const growing = ['nestwire', 'ws', 'net', 'bun'];

const byConnections = [1, 10, 100, 1000, 10_000].map((connections) => ({
  ...echo,
  id: `connections-${connections}`,
  series: 'connections',
  at: connections,
  title: `echo 32 B, connections: ${connections.toLocaleString('en')}`,
  bytes: 32,
  connections,
  only: growing,
}));

const bySize = [16, 256, 4 * KIB, 64 * KIB, MIB, 16 * MIB].map((bytes) => ({
  ...echo,
  id: `bytes-${bytes}`,
  series: 'bytes',
  at: bytes,
  title: `echo ${bytes.toLocaleString('en')} B`,
  bytes,
  opcode: 'binary',
  connections: Math.min(64, Math.max(1, (16 * MIB) / bytes)),
  only: growing,
}));

export const rows = [...table, ...byConnections, ...bySize];
