import { UnauthorizedException } from '@nestjs/common';

/** RFC 6750 §3: what a 401 has to say about how to do better. Without a credential it names no error. */
export const challenge = (hasCredential: boolean): Readonly<Record<string, string>> => ({
  'WWW-Authenticate': hasCredential ? 'Bearer error="invalid_token"' : 'Bearer',
});

/** A client without a credential, or with one that is not valid. */
export class CredentialRefusedException extends UnauthorizedException {
  /** Sent along, where the client is answered by HTTP. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(hasCredential: boolean) {
    super(hasCredential ? 'The credential is not valid' : 'A credential is required');
    this.headers = challenge(hasCredential);
  }
}
