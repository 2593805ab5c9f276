/** Applies method decorators by hand, as `__decorate` in a compiler's output does: no build step for a benchmark. */
export function decorate(type, method, ...decorators) {
  const descriptor = Object.getOwnPropertyDescriptor(type.prototype, method);
  for (const decorator of decorators) decorator(type.prototype, method, descriptor);
}
