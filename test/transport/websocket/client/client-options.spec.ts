import { describe, expect, it } from '@jest/globals';
import { NestwireError } from '../../../../lib/errors/index.js';
import {
  HandshakeFailedError,
  UnexpectedResponseError,
} from '../../../../lib/transport/websocket/client/client-options.js';

describe('the error of an answer that was not expected', () => {
  it('has its status, headers and body, and says the first of them', () => {
    const error = new UnexpectedResponseError(401, { 'www-authenticate': 'Bearer' }, 'log in');
    expect(error).toBeInstanceOf(NestwireError);
    expect(error).toMatchObject({
      name: 'UnexpectedResponseError',
      code: 'WS_ERR_UNEXPECTED_RESPONSE',
      status: 401,
      headers: { 'www-authenticate': 'Bearer' },
      body: 'log in',
      message: 'the server answered the handshake with 401: log in',
    });
  });

  it('says no more of a long body than its beginning, and nothing of none', () => {
    const long = new UnexpectedResponseError(500, {}, 'x'.repeat(1000));
    expect(long.message).toBe(`the server answered the handshake with 500: ${'x'.repeat(200)}`);
    expect(long.body).toHaveLength(1000);
    expect(new UnexpectedResponseError(204, {}, '').message).toBe(
      'the server answered the handshake with 204',
    );
  });
});

describe('the error of a handshake without an answer', () => {
  it('has a code', () => {
    const error = new HandshakeFailedError('WS_ERR_ABORTED', 'aborted');
    expect(error).toBeInstanceOf(NestwireError);
    expect(error).toMatchObject({ code: 'WS_ERR_ABORTED', message: 'aborted' });
  });
});
