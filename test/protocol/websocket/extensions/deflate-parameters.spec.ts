import { describe, expect, it } from '@jest/globals';
import {
  type DeflateParameters,
  type DeflatePreferences,
  PERMESSAGE_DEFLATE,
  answerOffer,
  readAnswer,
  writeOffers,
} from '../../../../lib/protocol/websocket/extensions/deflate-parameters.js';
import {
  readExtensions,
  writeExtension,
} from '../../../../lib/protocol/websocket/extensions/extension-header.js';

const NO_WISHES: DeflatePreferences = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};
const DEFAULTS: DeflateParameters = NO_WISHES;

const parametersOf = (text: string) =>
  readExtensions(`${PERMESSAGE_DEFLATE}${text && `; ${text}`}`)![0]!.parameters;
const textOf = (parameters: ReturnType<typeof parametersOf>): string =>
  writeExtension(PERMESSAGE_DEFLATE, parameters).replace(/^permessage-deflate(; )?/, '');

describe('answering an offer (RFC 7692 §7.1)', () => {
  const answer = (offer: string, wishes: Partial<DeflatePreferences> = {}) => {
    const answered = answerOffer(parametersOf(offer), { ...NO_WISHES, ...wishes });
    return answered && { text: textOf(answered.parameters), agreed: answered.agreed };
  };

  it.each<[string, Partial<DeflatePreferences>, string, Partial<DeflateParameters>]>([
    ['', {}, '', {}],
    ['client_max_window_bits', {}, '', {}],
    ['server_no_context_takeover', {}, 'server_no_context_takeover', { serverNoContextTakeover: true }],
    ['client_no_context_takeover', {}, 'client_no_context_takeover', { clientNoContextTakeover: true }],
    ['server_max_window_bits=10', {}, 'server_max_window_bits=10', { serverMaxWindowBits: 10 }],
    ['server_max_window_bits=8', {}, 'server_max_window_bits=8', { serverMaxWindowBits: 8 }],
    ['server_max_window_bits=15', {}, '', {}],
    ['client_max_window_bits=10', {}, 'client_max_window_bits=10', { clientMaxWindowBits: 10 }],
    ['', { serverNoContextTakeover: true }, 'server_no_context_takeover', { serverNoContextTakeover: true }],
    ['', { clientNoContextTakeover: true }, 'client_no_context_takeover', { clientNoContextTakeover: true }],
    ['', { serverMaxWindowBits: 12 }, 'server_max_window_bits=12', { serverMaxWindowBits: 12 }],
    [
      'server_max_window_bits=10',
      { serverMaxWindowBits: 12 },
      'server_max_window_bits=10',
      { serverMaxWindowBits: 10 },
    ],
    [
      'server_max_window_bits=14',
      { serverMaxWindowBits: 12 },
      'server_max_window_bits=12',
      { serverMaxWindowBits: 12 },
    ],
    [
      'client_max_window_bits',
      { clientMaxWindowBits: 11 },
      'client_max_window_bits=11',
      { clientMaxWindowBits: 11 },
    ],
    [
      'client_max_window_bits=9',
      { clientMaxWindowBits: 11 },
      'client_max_window_bits=9',
      { clientMaxWindowBits: 9 },
    ],
    [
      'client_max_window_bits=14',
      { clientMaxWindowBits: 11 },
      'client_max_window_bits=11',
      { clientMaxWindowBits: 11 },
    ],
  ])('"%s" with the wishes %j is answered "%s"', (offer, wishes, text, agreed) => {
    expect(answer(offer, wishes)).toEqual({ text, agreed: { ...DEFAULTS, ...agreed } });
  });

  it('does not limit a client that did not say it can be limited (§7.1.2.2)', () => {
    expect(answer('', { clientMaxWindowBits: 9 })).toEqual({ text: '', agreed: DEFAULTS });
  });

  it.each([
    'server_max_window_bits',
    'server_max_window_bits=7',
    'server_max_window_bits=16',
    'server_max_window_bits=08',
    'server_max_window_bits=1e1',
    'server_max_window_bits=+9',
    'server_max_window_bits=9.0',
    'client_max_window_bits=7',
    'client_max_window_bits=16',
    'client_max_window_bits=010',
    'server_no_context_takeover=1',
    'client_no_context_takeover=true',
    'unknown',
    'unknown=1',
    'Server_No_Context_Takeover',
  ])('declines "%s"', (offer) => {
    expect(answer(offer)).toBeUndefined();
  });
});

describe('making offers', () => {
  const offers = (wishes: Partial<DeflatePreferences>): string[] =>
    writeOffers({ ...NO_WISHES, ...wishes }).map(textOf);

  it.each<[Partial<DeflatePreferences>, string[]]>([
    [{}, ['client_max_window_bits']],
    [{ clientMaxWindowBits: 10 }, ['client_max_window_bits=10']],
    [{ clientNoContextTakeover: true }, ['client_no_context_takeover; client_max_window_bits']],
    [
      { serverMaxWindowBits: 9 },
      ['server_max_window_bits=9; client_max_window_bits', 'client_max_window_bits'],
    ],
    [
      { serverNoContextTakeover: true },
      ['server_no_context_takeover; client_max_window_bits', 'client_max_window_bits'],
    ],
  ])(
    'with the wishes %j offers %j, a plain one last where it asks something of the server',
    (wishes, expected) => {
      expect(offers(wishes)).toEqual(expected);
    },
  );
});

describe('reading an answer', () => {
  const readText = (text: string, wishes: Partial<DeflatePreferences> = {}): DeflateParameters =>
    readAnswer(parametersOf(text), { ...NO_WISHES, ...wishes });

  it.each<[string, Partial<DeflatePreferences>, Partial<DeflateParameters>]>([
    ['', {}, {}],
    ['server_no_context_takeover', {}, { serverNoContextTakeover: true }],
    ['client_no_context_takeover', {}, { clientNoContextTakeover: true }],
    ['', { clientNoContextTakeover: true }, { clientNoContextTakeover: true }],
    ['server_max_window_bits=9', {}, { serverMaxWindowBits: 9 }],
    ['client_max_window_bits=9', {}, { clientMaxWindowBits: 9 }],
    ['client_max_window_bits=12', { clientMaxWindowBits: 10 }, { clientMaxWindowBits: 10 }],
  ])('"%s" with the wishes %j agrees on %j', (text, wishes, agreed) => {
    expect(readText(text, wishes)).toEqual({ ...DEFAULTS, ...agreed });
  });

  it.each([
    'client_max_window_bits',
    'server_max_window_bits',
    'server_max_window_bits=7',
    'client_max_window_bits=16',
    'server_no_context_takeover=1',
    'unknown',
  ])('refuses "%s"', (text) => {
    expect(() => readText(text)).toThrow('permessage-deflate: a parameter of the answer is invalid');
  });
});
