import type { Fault } from '../fault.js';
import { seconds } from '../stage.js';

const CHANNEL = 'c0';
/** Enough to fill the buffers of both kernels and the session's queue while nothing is read. */
const PADDING_CHARS = 64 * 1024;

export const slowReaders: Fault = {
  name: 'slow readers',
  recipe: 'nothing is read of the WebSockets and event streams of one channel, whose publications are 64 KiB',
  gaps: 'may',
  delayS: ({ freezeS }) => freezeS,
  async run({ publisher, balancer }, { freezeS }) {
    const slow = [...balancer.links].filter(({ path }) => path.split('?', 1)[0] === `/feed/${CHANNEL}`);
    for (const link of slow) link.hold();
    await publisher.ask('pad', { channel: CHANNEL, chars: PADDING_CHARS });
    await seconds(freezeS);
    await publisher.ask('pad', { channel: undefined, chars: 0 });
    for (const link of slow) link.release();
  },
};
