import type { Fault } from '../fault.js';

export const reconnectHerd: Fault = {
  name: 'herd',
  recipe: 'all connections get a TCP reset at once',
  gaps: 'none',
  async run(stage) {
    for (const link of stage.someLinks(1)) link.reset();
  },
};
