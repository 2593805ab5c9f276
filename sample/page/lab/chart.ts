import { type Lane } from '../../lab/lab.protocol.js';
import { type Arrival } from './lane-client.js';

const SVG = 'http://www.w3.org/2000/svg';
const SPAN_MS = 60_000;
const LEFT = 82;
const RIGHT = 630;
const TOP = 12;
const BOTTOM = 284;
const MARKS = [1, 10, 100, 1000, 10_000];
const DECADES = Math.log10(MARKS.at(-1)!);

/** Latency over time, a line for each transport. Logarithmic, for they are orders of magnitude apart. */
export class Chart {
  private readonly lines = new Map<Lane, SVGPolylineElement>();

  constructor(
    private readonly svg: SVGSVGElement,
    lanes: Iterable<Lane>,
  ) {
    for (const mark of MARKS) this.drawMark(mark);
    for (const lane of lanes) {
      const line = make('polyline', { class: 'line' });
      line.dataset['lane'] = lane;
      this.lines.set(lane, line);
      svg.append(line);
    }
  }

  show(lane: Lane, arrivals: readonly Arrival[], now: number): void {
    const points = arrivals.map(({ at, ms }) => `${xOf(at - now).toFixed(1)},${yOf(ms).toFixed(1)}`);
    this.lines.get(lane)?.setAttribute('points', points.join(' '));
  }

  private drawMark(ms: number): void {
    const y = yOf(ms);
    const label = make('text', { x: LEFT - 8, y: y + 4, 'text-anchor': 'end' });
    label.textContent = ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;
    this.svg.append(make('line', { class: 'mark-line', x1: LEFT, x2: RIGHT, y1: y, y2: y }), label);
  }
}

function xOf(ageMs: number): number {
  return RIGHT + Math.max(-1, ageMs / SPAN_MS) * (RIGHT - LEFT);
}

function yOf(ms: number): number {
  const share = Math.log10(Math.max(1, ms)) / DECADES;
  return BOTTOM - Math.min(1, share) * (BOTTOM - TOP);
}

function make<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | number>>,
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}
