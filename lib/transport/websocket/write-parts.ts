/** Hands buffers to a socket in as few writes as pay off: one, whenever possible. */
import type { Duplex } from 'node:stream';

/** Up to this size together copying is cheaper than having the kernel gather the parts. */
const JOIN_UP_TO_BYTES = 16 * 1024;

export function writeParts(socket: Duplex, parts: readonly Buffer[]): void {
  if (parts.length === 1) {
    socket.write(parts[0]!);
    return;
  }
  // In a burst of broadcasts every connection sends the same parts: they are joined for the first one only
  if (isLast(parts)) {
    socket.write(lastJoined);
    return;
  }
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  if (size <= JOIN_UP_TO_BYTES) socket.write(join(parts, size));
  else writeGathered(socket, parts);
}

function writeGathered(socket: Duplex, parts: readonly Buffer[]): void {
  socket.cork();
  for (const part of parts) socket.write(part);
  socket.uncork();
}

let lastParts: readonly Buffer[] = [];
let lastJoined = Buffer.alloc(0);

function join(parts: readonly Buffer[], size: number): Buffer {
  lastParts = parts;
  lastJoined = Buffer.concat(parts, size);
  return lastJoined;
}

function isLast(parts: readonly Buffer[]): boolean {
  if (parts.length !== lastParts.length) return false;
  for (let i = 0; i < parts.length; i++) if (parts[i] !== lastParts[i]) return false;
  return true;
}
