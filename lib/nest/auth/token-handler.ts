import type { GatewaySession, MessageHandler } from '../../session/index.js';
import { explain } from '../pipeline/explain.js';
import { MAX_TOKEN_CHARS } from './credential.js';
import { TokenRefusedError } from './errors.js';
import type { Sessions } from './sessions.js';

/** From a client: `{ token }`, before the one that it has expires. */
export const TOKEN_EVENT = 'nestwire:token';

/** Answers a new token with `{ expiresAt }`: in ms since 1970, or left out when it never does. */
export class TokenHandler implements MessageHandler {
  readonly overflow = 'buffer';
  readonly explain: MessageHandler['explain'] = (error, _session, _data, event) => explain(error, event);

  constructor(private readonly sessions: Sessions) {}

  async run(session: GatewaySession, data: unknown): Promise<{ expiresAt?: number | undefined }> {
    const { token } = (data ?? {}) as { token?: unknown };
    if (typeof token !== 'string' || token === '' || token.length > MAX_TOKEN_CHARS) {
      const message = `"token" must be a string of 1 to ${MAX_TOKEN_CHARS} characters`;
      throw new TokenRefusedError('TOKEN_REFUSED', 400, message);
    }
    return { expiresAt: await this.sessions.renew(session, token) };
  }
}
