/** Injection tokens. */
export const NESTWIRE_BROKER = Symbol('NESTWIRE_BROKER');
/** Undefined where the broker has no mailboxes. */
export const NESTWIRE_NODE = Symbol('NESTWIRE_NODE');
export const NESTWIRE_LIMITS = Symbol('NESTWIRE_LIMITS');
