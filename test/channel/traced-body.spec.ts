import { describe, expect, it } from '@jest/globals';
import { openPublication, openReplay, wrapBody } from '../../lib/channel/traced-body.js';

const TRACE = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const open = (body: string): object => openPublication({ body, position: undefined });

describe('a body that carries a trace', () => {
  it.each(['1', '"text"', '{"a":[1,2]}', 'null'])('comes out as it went in: %s', (body) => {
    const wrapped = wrapBody(body, TRACE);

    expect(JSON.parse(wrapped)).toEqual({ 'nestwire:trace': TRACE, data: JSON.parse(body) as unknown });
    expect(open(wrapped)).toEqual({ body, trace: TRACE, position: undefined });
  });

  it('is left alone without one', () => {
    const publication = { body: '{"a":1}', position: undefined };

    expect(wrapBody('{"a":1}', undefined)).toBe('{"a":1}');
    expect(openPublication(publication)).toBe(publication);
  });

  it('is told from data of the application that looks like it', () => {
    const lookalike = wrapBody('1', TRACE);

    expect(open(wrapBody(lookalike, undefined))).toEqual({
      body: lookalike,
      trace: undefined,
      position: undefined,
    });
  });

  it('is not trusted: what would make no JSON stays as it is', () => {
    const foreign = `${wrapBody('1', TRACE).slice(0, -1)},"more":2}`;

    expect(open(foreign)).toEqual({ body: foreign, position: undefined });
  });

  it('is opened in a history too', () => {
    const position = { epoch: 'e', offset: 1 };
    const replay = { recovered: true, publications: [{ body: wrapBody('1', TRACE), position }], position };

    expect(openReplay(replay).publications).toEqual([{ body: '1', trace: TRACE, position }]);
  });
});
