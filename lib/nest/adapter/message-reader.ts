import { Logger } from '@nestjs/common';
import type { MessageParser, ParsedMessage } from './adapter-options.js';

const logger = new Logger('NestwireAdapter');

const parseJson: MessageParser = (data) =>
  typeof data === 'string' || Buffer.isBuffer(data) ? (JSON.parse(data.toString()) as ParsedMessage) : null;

/** Reads the messages of all clients of an adapter. */
export class MessageReader {
  constructor(private parser: MessageParser = parseJson) {}

  use(parser: MessageParser): void {
    this.parser = parser;
  }

  /** Never throws: a client may send anything. What can't be read is dropped, as stock Nest does. */
  read(data: Buffer | ArrayBuffer | Buffer[], isBinary: boolean): ParsedMessage | undefined {
    try {
      return this.parser(isBinary ? data : (data as Buffer).toString()) ?? undefined;
    } catch (error) {
      // JSON that is none is the client's mistake, and to log it would let it flood the log
      if (this.parser !== parseJson) logger.error(error);
      return undefined;
    }
  }
}
