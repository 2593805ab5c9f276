import './lab.css';
import { byId, fillWith, make } from '../dom.js';
import { chooseText } from '../language.js';
import { type Scene, type SceneContext } from '../scene.js';
import { Chart } from './chart.js';
import { Controls } from './controls.js';
import markup from './lab.html?raw';
import { LaneRow } from './lane-row.js';
import { Run } from './run.js';
import { type LabTexts, texts } from './texts.js';

const SHOW_MS = 500;
const INTERVAL_MS = 1000;

export const scene: Scene = {
  mount(root, context) {
    const chosen = chooseText(texts, context.language);
    fillWith(root, markup, chosen);
    byId('see', HTMLUListElement).replaceChildren(...chosen.see.map((text) => make('li', '', text)));
    const run = new Run(INTERVAL_MS);
    new Controls(run, chosen, INTERVAL_MS);
    const show = showing(run, chosen, context);
    show();
    const timer = window.setInterval(show, SHOW_MS);
    context.signal.addEventListener('abort', () => {
      window.clearInterval(timer);
      run.close();
    });
  },
};

function showing(run: Run, chosen: LabTexts, { language }: SceneContext): () => void {
  const svg = document.querySelector<SVGSVGElement>('#chart')!;
  const chart = new Chart(svg, run.lanes.keys());
  const rows = Array.from(run.lanes.values(), (lane) => new LaneRow(lane, chosen, language));
  byId('lanes', HTMLTableSectionElement).replaceChildren(...rows.map(({ element }) => element));
  const largestOf = (key: 'latencyMs' | 'requests' | 'bytes') =>
    Math.max(0, ...rows.map((row) => row[key] ?? 0));
  return () => {
    const largest = {
      latencyMs: largestOf('latencyMs'),
      requests: largestOf('requests'),
      bytes: largestOf('bytes'),
    };
    for (const row of rows) row.show(largest);
    const now = run.clock.now();
    for (const [lane, { client }] of run.lanes) chart.show(lane, client.arrivals, now);
  };
}
