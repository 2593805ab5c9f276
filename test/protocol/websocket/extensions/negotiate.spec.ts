import { describe, expect, it, jest } from '@jest/globals';
import type { Extension, MessageTransform } from '../../../../lib/protocol/websocket/extensions/extension.js';
import type { ExtensionParameters } from '../../../../lib/protocol/websocket/extensions/extension-header.js';
import {
  acceptExtensions,
  confirmExtensions,
  offerExtensions,
  writeNegotiated,
} from '../../../../lib/protocol/websocket/extensions/negotiate.js';
import { HandshakeError } from '../../../../lib/protocol/websocket/handshake/handshake-error.js';

const open = (): MessageTransform => {
  throw new Error('nothing is opened while negotiating');
};

/** Accepts what `isWelcome` says, with the parameters as offered. */
function extension(
  name: string,
  rsv: number,
  isWelcome: (parameters: ExtensionParameters) => boolean = () => true,
): Extension {
  return {
    name,
    rsv,
    accept: (parameters) => (isWelcome(parameters) ? { parameters, open } : undefined),
    offers: () => [new Map([['best', true]]), new Map()],
    confirm(parameters) {
      if (!isWelcome(parameters)) throw new Error(`${name} does not fit`);
      return { parameters, open };
    },
  };
}

const foo = extension('foo', 0x40);
const bar = extension('bar', 0x20);
const baz = extension('baz', 0x40);

describe('a server', () => {
  const accept = (header: string | undefined, ...extensions: Extension[]): string =>
    writeNegotiated(acceptExtensions(header, extensions));

  it.each<[string | undefined, Extension[], string]>([
    [undefined, [foo], ''],
    ['foo', [], ''],
    ['other', [foo], ''],
    ['foo; a=1', [foo], 'foo; a=1'],
    ['bar, foo', [foo, bar], 'bar, foo'],
    ['foo; a, foo; b', [foo], 'foo; a'],
    ['foo, baz', [foo, baz], 'foo'],
    ['baz, foo', [foo, baz], 'baz'],
    ['foo; a; a, foo; b', [foo], 'foo; b'],
    ['Foo', [foo], ''],
  ])('offered %j accepts what it can (case %#)', (header, extensions, answer) => {
    expect(accept(header, ...extensions)).toBe(answer);
  });

  it('takes the first offer that the extension can meet', () => {
    const picky = extension('foo', 0x40, (parameters) => parameters.has('good'));
    expect(accept('foo; bad, foo; good; n=1, foo; good; n=2', picky)).toBe('foo; good; n=1');
  });

  it('keeps the reserved bits with each', () => {
    expect(acceptExtensions('bar, foo', [foo, bar])).toMatchObject([
      { name: 'bar', rsv: 0x20 },
      { name: 'foo', rsv: 0x40 },
    ]);
  });

  it('refuses a malformed header with 400, even if it has no extension', () => {
    for (const extensions of [[], [foo]]) {
      expect(() => acceptExtensions('foo;;', extensions)).toThrow(HandshakeError);
    }
    expect(() => acceptExtensions('', [])).toThrow(expect.objectContaining({ status: 400 }));
  });

  it('asks an extension no more once it is accepted', () => {
    const accepting = jest.fn<Extension['accept']>((parameters) => ({ parameters, open }));
    accept('foo; a, foo; b', { ...foo, accept: accepting });
    expect(accepting).toHaveBeenCalledTimes(1);
  });
});

describe('a client', () => {
  it('offers all that its extensions offer, in order', () => {
    expect(offerExtensions([foo, bar])).toBe('foo; best, foo, bar; best, bar');
    expect(offerExtensions([])).toBeUndefined();
    expect(offerExtensions([{ ...foo, offers: () => [] }])).toBeUndefined();
  });

  it.each<[string | undefined, string]>([
    [undefined, ''],
    ['foo', 'foo'],
    ['bar; a=1, foo', 'bar; a=1, foo'],
  ])('takes the answer %j', (header, negotiated) => {
    expect(writeNegotiated(confirmExtensions(header, [foo, bar]))).toBe(negotiated);
  });

  it.each([
    ['other', 'extension other was not offered'],
    ['foo, other', 'extension other was not offered'],
    ['foo, foo', 'extension foo or a parameter of it is repeated'],
    ['foo; a; a', 'extension foo or a parameter of it is repeated'],
    ['foo, baz', 'extension baz or a parameter of it is repeated'],
    ['foo;;', 'Sec-WebSocket-Extensions of the answer is malformed'],
    ['', 'Sec-WebSocket-Extensions of the answer is malformed'],
  ])('refuses the answer %j', (header, message) => {
    expect(() => confirmExtensions(header, [foo, bar, baz])).toThrow(message);
  });

  it('hands on what an extension says of an answer that does not fit', () => {
    const picky = extension('foo', 0x40, () => false);
    expect(() => confirmExtensions('foo', [picky])).toThrow('foo does not fit');
  });
});
