/** Frame opcodes, RFC 6455 §5.2 and §11.8. Values 3-7 and 11-15 are reserved. */
export const Opcode = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

/** RFC 6455 §5.5: control frames have the most significant bit of the opcode set. */
export const isControl = (opcode: number): boolean => (opcode & 0x8) !== 0;

/** RFC 6455 §5.5: a control frame's payload is at most 125 bytes. */
export const MAX_CONTROL_PAYLOAD = 125;

/** The reserved bits, as they stand in a frame's first byte. */
export const RSV1 = 0x40;
export const RSV2 = 0x20;
export const RSV3 = 0x10;
