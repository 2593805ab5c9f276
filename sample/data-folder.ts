import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where the sample keeps what is to survive a restart. */
export function dataFolder(): string {
  return process.env['SAMPLE_DATA_DIR'] ?? join(tmpdir(), 'nestwire-sample');
}
