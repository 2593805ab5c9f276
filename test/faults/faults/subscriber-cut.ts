import type { Fault } from '../fault.js';
import { seconds } from '../stage.js';

export const subscriberCut: Fault = {
  name: 'subscriptions are cut',
  recipe: '`CLIENT KILL TYPE pubsub`, three times',
  gaps: 'none',
  async run({ redis }) {
    for (let i = 0; i < 3; i++) {
      await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await seconds(0.3);
    }
  },
};
