/** A row's results as they come, for whoever is watching. */
import { contestants } from '../contestants.mjs';
import { costWithSpread, isMemory, short, verdict } from './format.mjs';
import { medianOf, ratio, summary } from './statistics.mjs';

function speed(turns) {
  const [rate, p50, p99] = ['messagesPerSecond', 'p50Us', 'p99Us'].map((key) => medianOf(turns, key) / 1000);
  const load = Math.round(100 * medianOf(turns, 'loadBusy'));
  return `${short(rate)} k/s, ${short(p50)} / ${short(p99)} ms, load ${load} %`;
}

function toWs(turns, ws) {
  const against = ratio(turns, ws);
  return against === undefined ? '' : `${short(against.median)} x ws`;
}

function aimOf(row, turns, id) {
  const aim = verdict(row, turns, id);
  if (aim === undefined) return '';
  return `aim <= ${aim.most} x ${aim.other}: ${aim.ratios} ${aim.met ? 'met' : 'NOT met'}`;
}

export function printRow(row, turns) {
  const unit = isMemory(row) ? 'KB per connection' : 'µs of server CPU per message';
  console.log(`\n${row.title} (${unit}; k/s, p50 / p99)`);
  for (const { id, title } of contestants.filter((each) => turns[each.id]?.length)) {
    const own = turns[id];
    const cells = [
      title.padEnd(26),
      costWithSpread(row, summary(own)).padEnd(24),
      toWs(own, turns.ws).padEnd(11),
      (isMemory(row) ? '' : speed(own)).padEnd(46),
      aimOf(row, turns, id),
    ];
    console.log(cells.join(' ').trimEnd());
  }
}
