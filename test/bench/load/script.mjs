/** Everything a client says in a row: the texts, and their frames ready to be written. */
import { compressedLaps, cycleLength } from './deflate.mjs';
import { frame, opcodes } from './frames.mjs';
import { text } from './text.mjs';

const kinds = { echo: 'echo', idle: 'echo', 'fan-out': 'cast' };

export class Script {
  texts;
  /** Frames of `texts`, in order; with deflate two laps of them (see deflate.mjs). */
  frames = [];
  /** Messages in one write: what is in flight, or a burst. */
  together;
  #batches = [];

  constructor(row) {
    this.together = row.inFlight ?? row.burst ?? 1;
    const count = row.deflate ? cycleLength(row.bytes) : this.together;
    this.texts = Array.from({ length: count }, (_, seed) => text(row.bytes, seed, row.allMove));
  }

  static async prepare(row, dialect, negotiated) {
    const script = new Script(row);
    const opcode = dialect.opcode ?? opcodes[row.opcode];
    const payloads = script.texts.map((data) => dialect.encode(kinds[row.kind], data));
    script.frames = row.deflate
      ? await compressedLaps(payloads, opcode, negotiated)
      : payloads.map((payload) => frame(payload, opcode));
    for (let count = 0; count <= script.together; count++) {
      script.#batches.push(Buffer.concat(script.frames.slice(0, count)));
    }
    return script;
  }

  textAt(position) {
    return this.texts[position % this.texts.length];
  }

  /** The next `count` messages of this connection in one buffer. */
  take(connection, count) {
    if (this.frames.length === this.texts.length) return this.#batches[count];
    const next = this.frames[connection.position++];
    // After both laps the second one again.
    if (connection.position === this.frames.length) connection.position = this.texts.length;
    return next;
  }
}
