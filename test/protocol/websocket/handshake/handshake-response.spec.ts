import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  acceptKey,
  writeRefusal,
  writeSwitchingProtocols,
} from '../../../../lib/protocol/websocket/handshake/handshake-response.js';

describe('the accept key', () => {
  it('is that of the example in RFC 6455 §1.3', () => {
    const sha1 = (text: string): string => createHash('sha1').update(text).digest('base64');
    expect(acceptKey('dGhlIHNhbXBsZSBub25jZQ==', sha1)).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  });
});

describe('the answer that switches protocols', () => {
  it('is a 101 with the accept key, and ends with an empty line', () => {
    expect(writeSwitchingProtocols('accepted=', [])).toBe(
      'HTTP/1.1 101 Switching Protocols\r\n' +
        'Upgrade: websocket\r\n' +
        'Connection: Upgrade\r\n' +
        'Sec-WebSocket-Accept: accepted=\r\n\r\n',
    );
  });

  it('carries further headers', () => {
    const lines = ['Sec-WebSocket-Protocol: chat', 'X-A: b'];
    expect(writeSwitchingProtocols('k', lines)).toMatch(
      /k\r\nSec-WebSocket-Protocol: chat\r\nX-A: b\r\n\r\n$/,
    );
  });
});

describe('the answer that refuses', () => {
  it('is plain text that ends the connection', () => {
    expect(writeRefusal(403, 'Forbidden', ['X-Why: because'], 'no')).toBe(
      'HTTP/1.1 403 Forbidden\r\n' +
        'Connection: close\r\n' +
        'Content-Type: text/plain; charset=utf-8\r\n' +
        'Content-Length: 2\r\n' +
        'X-Why: because\r\n\r\n' +
        'no',
    );
  });

  it('counts its body in bytes', () => {
    expect(writeRefusal(400, 'Bad Request', [], 'é€')).toContain('Content-Length: 5\r\n');
  });
});
