import { NestwireError } from '../../errors/index.js';

/** A gateway whose decorators contradict each other, found when the application starts. */
export class InvalidGatewayError extends NestwireError {
  readonly code = 'INVALID_GATEWAY';
}
