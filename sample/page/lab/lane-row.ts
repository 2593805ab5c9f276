import { make } from '../dom.js';
import { type LabTexts } from './texts.js';
import { median } from './median.js';
import { type LaneState } from './run.js';

/** Latency is that of the last so many events. */
const RECENT = 20;

/** A row of the table: a transport, and its figures with bars to compare them by. */
export class LaneRow {
  readonly element: HTMLTableRowElement;
  private readonly state = make('span', 'lane-state');
  private readonly cells = [make('td', ''), make('td', ''), make('td', '')] as const;
  private readonly number: Intl.NumberFormat;

  constructor(
    private readonly lane: LaneState,
    private readonly texts: LabTexts,
    language: string,
  ) {
    this.number = new Intl.NumberFormat(language, { maximumSignificantDigits: 3 });
    const name = make('th', '', make('span', 'swatch'), texts[lane.client.lane], this.state);
    name.scope = 'row';
    this.element = make('tr', '', name, ...this.cells);
    this.element.dataset['lane'] = lane.client.lane;
  }

  get latencyMs(): number | undefined {
    return median(this.lane.client.arrivals.slice(-RECENT).map(({ ms }) => ms));
  }

  get bytes(): number | undefined {
    return this.lane.ledger.perEvent?.bytes;
  }

  get requests(): number | undefined {
    return this.lane.ledger.perEvent?.requests;
  }

  /** @param largest of each column, over all rows */
  show(largest: { readonly latencyMs: number; readonly requests: number; readonly bytes: number }): void {
    const { client } = this.lane;
    const { received, missed } = this.texts;
    const events = received(String(client.events));
    const gap = client.missed > 0 ? ` · ${missed(client.missed)}` : '';
    this.state.textContent = `${this.texts[client.state]} · ${events}${gap}`;
    this.element.dataset['state'] = client.state;
    const [latency, requests, bytes] = this.cells;
    this.put(latency, this.latencyMs, largest.latencyMs, ' ms');
    this.put(requests, this.requests, largest.requests, '');
    this.put(bytes, this.bytes, largest.bytes, ' B');
  }

  private put(cell: HTMLElement, value: number | undefined, largest: number, unit: string): void {
    const bar = make('span', 'bar');
    bar.style.setProperty('--share', String(value !== undefined && largest > 0 ? value / largest : 0));
    const text = value === undefined ? '–' : this.number.format(value < 0.001 ? 0 : value) + unit;
    cell.dataset['value'] = value === undefined ? '' : String(value);
    cell.replaceChildren(make('span', 'value', text), bar);
  }
}
