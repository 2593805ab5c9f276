/**
 * `handleConnection` and `handleDisconnect` of gateways, kept from ending the process. Nest calls them within a
 * subscription and lets go of what they return: what they throw becomes an uncaught exception, and what they
 * reject with an unhandled rejection. So the methods are replaced before Nest binds them.
 */
import { WebSocket } from '../../transport/websocket/index.js';
import { copyMetadata } from '../pipeline/copy-metadata.js';
import { logError } from '../pipeline/explain.js';
import { refuseClient } from './client-binding.js';

type Hook = (this: unknown, ...args: unknown[]) => unknown;

/** Prototypes outlive applications, and providers may be listed twice. */
const guarded = new WeakSet<Hook>();

/** A client whose `handleConnection` fails is closed with 1011. Called by others, the methods do as before. */
export function guardHooks(gateway: object): void {
  guardHook(gateway, 'handleConnection', refuseClient);
  guardHook(gateway, 'handleDisconnect', () => {});
}

function guardHook(gateway: object, name: string, onFailure: (client: WebSocket) => void): void {
  const hook: unknown = Reflect.get(gateway, name);
  if (!isHook(hook) || guarded.has(hook)) return;
  const what = `${gateway.constructor.name}.${name}`;
  const fail = (error: unknown, client: unknown): void => {
    if (!(client instanceof WebSocket)) throw error;
    logError(error, what);
    onFailure(client);
  };
  const value = copyMetadata(hook, withFailure(hook, fail));
  guarded.add(value);
  Object.defineProperty(gateway, name, { value, configurable: true, writable: true });
}

const isHook = (value: unknown): value is Hook => typeof value === 'function';

function withFailure(hook: Hook, fail: (error: unknown, client: unknown) => void): Hook {
  return function (this: unknown, ...args) {
    try {
      const result = Reflect.apply(hook, this, args);
      if (!isThenable(result)) return result;
      return Promise.resolve(result).catch((error: unknown) => fail(error, args[0]));
    } catch (error) {
      return fail(error, args[0]);
    }
  };
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
