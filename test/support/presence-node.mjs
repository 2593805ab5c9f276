/** A process with people in the channel `c`: who comes and goes is told by its parent. */
import { redis } from 'nestwire/redis';

const [, , url, presenceMs] = process.argv;
const { presence } = redis({ url, presenceMs: Number(presenceMs) });

process.on('message', ({ enter, leave }) => {
  const done = enter ? presence.enter('c', { key: enter, info: null }, 10) : presence.leave('c', leave);
  done.then(() => process.send('done'));
});
