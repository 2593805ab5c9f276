/** The few SVG elements that the charts are made of. Light paper, so that they read on a dark page too. */
const escape = (text) => `${text}`.replace(/&/g, '&amp;').replace(/</g, '&lt;');
const attributes = (values) =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${typeof value === 'number' ? Number(value.toFixed(1)) : value}"`)
    .join('');

export const element = (name, values, content = '') => `<${name}${attributes(values)}>${content}</${name}>`;
export const label = (x, y, text, values = {}) => element('text', { x, y, ...values }, escape(text));
export const bold = { 'font-weight': 'bold' };

export function drawing(width, height, title, parts) {
  const font = 'system-ui, sans-serif';
  const root = { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}`, role: 'img' };
  const paper = element('rect', { width, height, fill: '#ffffff' });
  const ink = { 'font-family': font, 'font-size': 11, fill: '#24292f' };
  const content = [element('title', {}, escape(title)), paper, element('g', ink, parts.join('\n'))];
  return `${element('svg', root, content.join('\n'))}\n`;
}

const colors = {
  nestwire: '#c2185b',
  gateway: '#f06292',
  ws: '#455a64',
  'platform-ws': '#78909c',
  'platform-socket.io': '#b0bec5',
  net: '#9e9d24',
  bun: '#ef6c00',
  deno: '#1976d2',
};
export const colorOf = (id) => colors[id];
