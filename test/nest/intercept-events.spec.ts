import { type Server, createServer } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { interceptEvents } from '../../lib/nest/intercept-events.js';

type Emit = Server['emit'];

/** Whose listener notes what it hears. */
function listening(): { server: Server; heard: string[] } {
  const heard: string[] = [];
  const server = createServer((request: unknown) => void heard.push(`listener ${String(request)}`));
  return { server, heard };
}

describe('the interception of a server’s events', () => {
  it('keeps what it takes from the listeners, and nothing else', () => {
    const { server, heard } = listening();
    interceptEvents(server, (event, [request]) => event === 'request' && request === 'ours');
    server.emit('request', 'ours');
    server.emit('request', 'other');

    expect(heard).toEqual(['listener other']);
  });

  it('leaves the server as it was, whoever had wrapped it before', () => {
    const { server, heard } = listening();
    const plain = server.emit.bind(server);
    const before = ((event: string, ...args: unknown[]) => {
      heard.push('before');
      return plain(event, ...args);
    }) as Emit;
    server.emit = before;
    const end = interceptEvents(server, () => true);
    server.emit('request', 1);
    end();
    server.emit('request', 2);

    expect(heard).toEqual(['before', 'listener 2']);
    expect(server.emit === before).toBe(true);
  });

  it('takes nothing after its end, when somebody has wrapped the server since', () => {
    const { server, heard } = listening();
    const end = interceptEvents(server, () => true);
    const ours = server.emit.bind(server);
    const after = ((event: string, ...args: unknown[]) => ours(event, ...args)) as Emit;
    server.emit = after;
    end();
    server.emit('request', 1);

    expect(heard).toEqual(['listener 1']);
    expect(server.emit === after).toBe(true);
  });

  it('leaves no trace at the end of several, whichever ends first', () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const { server, heard } = listening();
      const ends = [interceptEvents(server, () => true), interceptEvents(server, () => false)];
      for (const i of order) ends[i]!();
      server.emit('request', 1);
      expect(heard).toEqual(['listener 1']);
    }
  });
});
