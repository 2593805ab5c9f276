import type { TransportKind } from '../../../lib/client/transport/transport.js';
import type { connect } from '../../../lib/client/node/index.js';
import type { Position, ReaderLog } from '../checker.js';

export class Reader {
  constructor(
    connectBy: typeof connect,
    options: { url: string; name: string; channel: string; transport: TransportKind },
  );
  readonly isOpen: boolean;
  hasReached(position: Position): boolean;
  take(): { log: ReaderLog | undefined };
  close(): void;
}
