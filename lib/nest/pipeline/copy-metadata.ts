import 'reflect-metadata';
import type { Method } from './handler-source.js';

/** Gives `copy` the name and the metadata of `method`: enhancers look for both. */
export function copyMetadata(method: Method, copy: Method): Method {
  for (const key of Reflect.getMetadataKeys(method) as unknown[]) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, method), copy);
  }
  return Object.defineProperty(copy, 'name', { value: method.name });
}
