/**
 * Comes before all listeners of a server. Node has no way for one listener to keep an event from the others, so
 * that `emit` itself is wrapped.
 */
import type { Server } from 'node:http';

/** @returns whether it has taken the event, of which the server's listeners hear nothing then */
export type TakeEvent = (event: string, args: readonly unknown[]) => boolean;

/** @returns a function that ends it */
export function interceptEvents(server: Server, take: TakeEvent): () => void {
  const before = Object.getOwnPropertyDescriptor(server, 'emit');
  const emit = server.emit.bind(server) as (event: string, ...args: unknown[]) => boolean;
  let isOver = false;
  const intercepting = (event: string, ...args: unknown[]): boolean =>
    (!isOver && take(event, args)) || emit(event, ...args);
  server.emit = intercepting as typeof server.emit;
  return () => {
    isOver = true;
    // somebody may have wrapped it again: then ours stays below, and only passes on
    if (server.emit !== (intercepting as typeof server.emit)) return;
    if (before) Object.defineProperty(server, 'emit', before);
    else Reflect.deleteProperty(server, 'emit');
  };
}
