import { describe, expect, it } from '@jest/globals';
import { InvalidGatewayError } from '../../../lib/nest/gateway/errors.js';
import { PathPattern } from '../../../lib/nest/gateway/path-pattern.js';

const match = (pattern: string, path: string): Record<string, string> | undefined => {
  const params = new PathPattern(pattern).match(path);
  return params && { ...params };
};

describe('the path of a gateway', () => {
  it.each([
    ['/', '/', {}],
    ['/chat', '/chat', {}],
    ['/chat', '/chat/', {}],
    ['/chat/:room', '/chat/blue', { room: 'blue' }],
    ['/chat/:room', '/chat/b%20l%2Fue', { room: 'b l/ue' }],
    ['/:a/x/:b', '/1/x/2', { a: '1', b: '2' }],
    ['/files/*path', '/files/a/b%20c', { path: 'a/b c' }],
    ['/chat/:__proto__x', '/chat/1', { __proto__x: '1' }],
  ])('%s is %s', (pattern, path, params) => {
    expect(match(pattern, path)).toEqual(params);
  });

  it.each([
    ['/', '/chat'],
    ['/chat', '/'],
    ['/chat', '/Chat'],
    ['/chat', '/chat/blue'],
    ['/chat/:room', '/chat'],
    ['/chat/:room', '/chat/a/b'],
    ['/chat/:room', '/chat/%E0%A4%A'],
    ['/files/*path', '/files'],
    ['/files/*path', '/files/'],
  ])('%s is not %s', (pattern, path) => {
    expect(match(pattern, path)).toBeUndefined();
  });

  it('keeps parameters apart from what objects inherit', () => {
    expect(new PathPattern('/chat').match('/chat')).not.toHaveProperty('toString');
  });

  it.each(['/a/*', '/*rest/a', '/a:b', '/:', '/:1a', '/a(b)?', '/{a}'])('cannot be %s', (pattern) => {
    expect(() => new PathPattern(pattern)).toThrow(InvalidGatewayError);
  });

  it('is the more special one first', () => {
    const paths = ['/*rest', '/:a', '/:a/b', '/a/:b', '/a', '/a/b', '/a/*rest', '/a/:b/c'];
    const sorted = paths.map((path) => new PathPattern(path)).sort((a, b) => a.compare(b));

    expect(sorted.map(({ path }) => path)).toEqual([
      '/a/b',
      '/a/:b/c',
      '/a/:b',
      '/a/*rest',
      '/a',
      '/:a/b',
      '/:a',
      '/*rest',
    ]);
  });
});
