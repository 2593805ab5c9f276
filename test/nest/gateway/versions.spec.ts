import { describe, expect, it } from '@jest/globals';
import { VERSION_NEUTRAL, type VersioningOptions, VersioningType } from '@nestjs/common';
import { InvalidGatewayError } from '../../../lib/nest/gateway/errors.js';
import { type GatewayVersion, servedVersions } from '../../../lib/nest/gateway/versions.js';

const URI = VersioningType.URI;

const segments = (
  given: GatewayVersion | readonly GatewayVersion[] | undefined,
  versioning?: VersioningOptions,
): string[] => servedVersions(given, versioning, 'ChatGateway').map(({ segment }) => segment);

describe('what a version adds to the path of a gateway', () => {
  it.each<[string, GatewayVersion | GatewayVersion[] | undefined, VersioningOptions, string[]]>([
    ['its number', '1', { type: URI }, ['/v1']],
    ['each of several', ['1', '2'], { type: URI }, ['/v1', '/v2']],
    ['nothing when neutral', VERSION_NEUTRAL, { type: URI }, ['']],
    ['nothing, for one of several', ['2', VERSION_NEUTRAL], { type: URI }, ['/v2', '']],
    ['nothing by default', undefined, { type: URI }, ['']],
    ['the default version', undefined, { type: URI, defaultVersion: '3' }, ['/v3']],
    ['all default versions', undefined, { type: URI, defaultVersion: ['3', '4'] }, ['/v3', '/v4']],
    ['its own instead of the default', '1', { type: URI, defaultVersion: '3' }, ['/v1']],
    ['another prefix', '1', { type: URI, prefix: 'version' }, ['/version1']],
    ['no prefix', '1', { type: URI, prefix: false }, ['/1']],
  ])('is %s', (_, given, versioning, expected) => {
    expect(segments(given, versioning)).toEqual(expected);
  });

  it('is nothing without versions in the URI', () => {
    expect(segments(undefined)).toEqual(['']);
    expect(segments(VERSION_NEUTRAL)).toEqual(['']);
    expect(segments(undefined, { type: VersioningType.HEADER, header: 'x', defaultVersion: '1' })).toEqual([
      '',
    ]);
  });

  it.each([undefined, { type: VersioningType.MEDIA_TYPE, key: 'v=' } as const])(
    'is an error for a version that could not be told apart (%j)',
    (versioning) => {
      expect(() => segments('1', versioning)).toThrow(InvalidGatewayError);
      expect(() => segments('1', versioning)).toThrow('ChatGateway has a version');
    },
  );
});
