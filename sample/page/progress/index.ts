import './progress.css';
import { STEP_NUMBERS, type StartJob } from '../../progress/job.js';
import { byId, fillWith, make } from '../dom.js';
import { chooseText } from '../language.js';
import { randomId } from '../random-id.js';
import { type Scene, type SceneContext } from '../scene.js';
import { JobFeed } from './job-feed.js';
import { JobList } from './job-list.js';
import markup from './progress.html?raw';
import { StreamCard } from './stream-card.js';
import { texts } from './texts.js';

/** Steps of the jobs on offer, and what one of them takes. */
const SIZES = [30, 100, 400];
const STEP_SECONDS = 0.16;

export const scene: Scene = {
  mount(root, context) {
    const chosen = chooseText(texts, context.language);
    fillWith(root, markup, chosen);
    const jobs = new JobList(
      context.language,
      chosen,
      (job) => void send(`/jobs/${job.id}`, 'DELETE', context),
    );
    const card = new StreamCard(chosen);
    const feed: JobFeed = new JobFeed(
      { changed: () => (jobs.show(feed.jobs), card.show(feed)) },
      context.signal,
    );
    offerSizes(context);
    byId('start-job', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      const steps = Number(byId('steps', HTMLSelectElement).value);
      void send('/jobs', 'POST', context, { id: randomId(), steps } satisfies StartJob);
    });
  },
};

function offerSizes({ language }: SceneContext): void {
  const number = new Intl.NumberFormat(language);
  const { upTo } = chooseText(texts, language);
  const options = SIZES.map((steps) => {
    const option = make(
      'option',
      '',
      upTo(number.format(steps * STEP_NUMBERS), Math.round(steps * STEP_SECONDS)),
    );
    option.value = String(steps);
    return option;
  });
  byId('steps', HTMLSelectElement).replaceChildren(...options);
}

/** What comes of it is told by the stream. */
async function send(path: string, method: string, context: SceneContext, body?: object): Promise<void> {
  const { refused, unreachable } = chooseText(texts, context.language);
  const problem = byId('job-problem', HTMLParagraphElement);
  try {
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch(path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    // 409: the job was over before the server heard of it
    problem.textContent = answer.ok || answer.status === 409 ? '' : refused(answer.status);
  } catch {
    problem.textContent = unreachable;
  }
}
