import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { NestwireDiagnostics } from './index.js';

/** @returns stops it */
export function listenTo<Name extends keyof NestwireDiagnostics>(
  name: Name,
  listener: (payload: NestwireDiagnostics[Name]) => void,
): () => void {
  const onMessage = (payload: unknown): void => listener(payload as NestwireDiagnostics[Name]);
  subscribe(name, onMessage);
  return () => void unsubscribe(name, onMessage);
}
