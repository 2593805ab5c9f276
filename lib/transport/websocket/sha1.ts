import { createHash } from 'node:crypto';

/** RFC 6455 §1.3 asks for SHA-1; nothing secret depends on it. */
export const sha1Base64 = (text: string): string => createHash('sha1').update(text).digest('base64');
