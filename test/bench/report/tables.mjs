/** Results as Markdown tables. */
import { contestants } from '../contestants.mjs';
import { costWithSpread, isMemory, short, titleOf, verdict } from './format.mjs';
import { medianOf, summary } from './statistics.mjs';

const line = (cells) => `| ${cells.join(' | ')} |`;
const align = (_, column) => (column === 0 ? '---' : '--:');
const table = (head, body) => [head, head.map(align), ...body].map(line).join('\n');

/** The contestants that were measured at a row, in the order of the list. */
const idsIn = (turns) => contestants.map(({ id }) => id).filter((id) => turns[id]?.length);

export function costTable(results, rows) {
  const turnsOf = (row) => results.rows[row.id].turns;
  const all = Object.assign({}, ...rows.map(turnsOf));
  const ids = idsIn(all);
  const body = rows.map((row) => {
    const turns = turnsOf(row);
    const cell = (id) => (turns[id]?.length ? costWithSpread(row, summary(turns[id])) : '');
    return [row.title + (isMemory(row) ? ', KB' : ''), ...ids.map(cell)];
  });
  return table(['work', ...ids.map(titleOf)], body);
}

export function aimTable(results, rows) {
  const body = rows.flatMap((row) =>
    Object.keys(row.aims)
      .map((id) => [id, verdict(row, results.rows[row.id].turns, id)])
      .filter(([, found]) => found !== undefined)
      .map(([id, { other, most, ratios, met }]) => {
        return [row.title, `${titleOf(id)} to ${titleOf(other)}`, ratios, most, met ? 'yes' : 'no'];
      }),
  );
  return table(['work', 'ratio of', 'measured', 'aim, at most', 'met'], body);
}

function speedLine(row, id, turns) {
  const value = (key) => short(medianOf(turns, key) / 1000);
  const share = (key) => `${Math.round(100 * medianOf(turns, key))} %`;
  const speed = [value('messagesPerSecond'), value('p50Us'), value('p99Us')];
  return [row.title, titleOf(id), ...speed, share('serverBusy'), share('loadBusy')];
}

export function speedTable(results, rows) {
  const body = rows.flatMap((row) => {
    const { turns } = results.rows[row.id];
    return idsIn(turns).map((id) => speedLine(row, id, turns[id]));
  });
  const head = ['work', 'server', 'thousand/s', 'p50 ms', 'p99 ms', 'server core', 'load core'];
  return table(head, body);
}

export function conditions({ machine, versions, rows }) {
  const named = Object.entries(versions).filter(([, version]) => version !== '');
  const others = named.map(([id, version]) => `${titleOf(id)} ${version}`).join(', ');
  const dates = Object.values(rows).map(({ date }) => date);
  const [first, last] = [dates.toSorted()[0], dates.toSorted().at(-1)];
  const when = first === last ? first : `${first} to ${last}`;
  return `Measured ${when} on ${machine.cpu}, ${machine.kernel}, Node ${machine.node}; ${others}.`;
}
