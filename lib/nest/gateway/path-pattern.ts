import { InvalidGatewayError } from './errors.js';
import { PathParams } from './path-params.js';

type Segment =
  | { readonly kind: 'static'; readonly text: string }
  | { readonly kind: 'param' | 'rest'; readonly name: string };

/** Static before parameter before rest. */
const RANK = { static: 0, param: 1, rest: 2 } as const;

/** A gateway's path: segments that are fixed, parameters (`:room`), and, as the last, the rest (`*path`). */
export class PathPattern {
  private readonly segments: readonly Segment[];

  /** @throws InvalidGatewayError */
  constructor(readonly path: string) {
    this.segments = split(path).map(readSegment);
    if (this.segments.slice(0, -1).some(({ kind }) => kind === 'rest')) {
      throw new InvalidGatewayError(`${path}: "*" may only be the last segment`);
    }
  }

  /** @returns the parameters, decoded; undefined when the path is another one */
  match(pathname: string): Record<string, string> | undefined {
    const texts = split(pathname);
    const params = new PathParams();
    for (const [i, segment] of this.segments.entries()) {
      const value = segment.kind === 'rest' ? texts.slice(i).join('/') : texts[i];
      if (!value) return undefined;
      if (segment.kind === 'static') {
        if (segment.text !== value) return undefined;
        continue;
      }
      const decoded = decode(value);
      if (decoded === undefined) return undefined;
      params[segment.name] = decoded;
    }
    const isOpenEnded = this.segments.at(-1)?.kind === 'rest';
    return isOpenEnded || texts.length === this.segments.length ? params : undefined;
  }

  /** As in URI templates: `/rooms/{room}`. */
  get template(): string {
    const texts = this.segments.map((segment) =>
      segment.kind === 'static' ? segment.text : `{${segment.name}}`,
    );
    return `/${texts.join('/')}`;
  }

  /** Orders patterns so that the first that matches is the most special one. */
  compare(other: PathPattern): number {
    for (const [i, segment] of this.segments.entries()) {
      const against = other.segments[i];
      if (!against) break;
      if (segment.kind !== against.kind) return RANK[segment.kind] - RANK[against.kind];
    }
    return other.segments.length - this.segments.length;
  }
}

function split(path: string): string[] {
  return path.split('/').filter((text) => text !== '');
}

const NAME = /^[A-Za-z_]\w*$/;

function readSegment(text: string): Segment {
  if (!/[:*?+(){}[\]!]/.test(text)) return { kind: 'static', text };
  const name = text.slice(1);
  const kind = text.startsWith(':') ? 'param' : 'rest';
  if (!/^[:*]/.test(text) || !NAME.test(name)) {
    throw new InvalidGatewayError(`"${text}" is neither a fixed segment, nor ":name", nor "*name"`);
  }
  return { kind, name };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
