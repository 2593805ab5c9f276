/** Injection tokens. */
export const NESTWIRE_BROKER = Symbol('NESTWIRE_BROKER');
export const NESTWIRE_LIMITS = Symbol('NESTWIRE_LIMITS');
