const number = (value, digits = 0) =>
  value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });

function row({ nodes, broker, published, heard }) {
  const cpuUs = heard.reduce((sum, one) => sum + one.cpuUs, 0);
  const p50 = Math.max(...heard.map((one) => one.p50));
  const p99 = Math.max(...heard.map((one) => one.p99));
  return [
    nodes,
    broker,
    number(published.perSecond),
    `${number(p50, 2)} / ${number(p99, 2)}`,
    number(cpuUs / (published.total * nodes), 1),
  ];
}

/** The results as Markdown. */
export function table(results, { rate }) {
  const head = [
    'nodes',
    'broker',
    'publications a second',
    'delivery p50 / p99, ms',
    'CPU of nodes per delivery, µs',
  ];
  const rows = [head, head.map(() => '---'), ...results.map(row)];
  const lines = rows.map((cells) => `| ${cells.join(' | ')} |`);
  return `${lines.join('\n')}\n\nDelivery was timed at ${rate} publications a second, to the slowest node; CPU is that of all nodes, that of Redis not counted.`;
}
