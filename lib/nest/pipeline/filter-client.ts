/**
 * The client as exception filters see it: the session, and the `emit` of stock Nest, by which filters such as
 * `BaseWsExceptionFilter` tell a client of an exception. What they emit so is an answer to the request that
 * failed, and only here it is known to which. So it is noted, to travel with the request's id.
 */
import type { GatewaySession } from '../../session/index.js';
import { EXCEPTION_EVENT } from '../../protocol/envelope/index.js';

type Emit = (event: string, data: unknown) => void;

/** @param noted is given what a filter emits as the exception */
export function filterClient(session: GatewaySession, noted: (data: object) => void): GatewaySession {
  const emit: Emit = (event, data) => {
    if (event !== EXCEPTION_EVENT) return session.push(event, data);
    noted(typeof data === 'object' && data !== null ? data : { message: data });
  };
  return new Proxy(session, {
    get: (target, key) => (key === 'emit' ? emit : propertyOf(target, key)),
    set: (target, key, value) => Reflect.set(target, key, value, target),
  });
}

/** Methods have to run on the session itself, where its state is. */
function propertyOf(session: GatewaySession, key: string | symbol): unknown {
  const value: unknown = Reflect.get(session, key, session);
  if (typeof value !== 'function' || key === 'constructor') return value;
  return (value as (...args: unknown[]) => unknown).bind(session);
}
