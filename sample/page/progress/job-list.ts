import { isOver, type Job, STEP_NUMBERS } from '../../progress/job.js';
import { byId, make } from '../dom.js';
import { type Language } from '../language.js';
import { type ProgressTexts } from './texts.js';

interface JobElement {
  readonly root: HTMLElement;
  show(job: Job): void;
}

/** One element for each job, changed in place so that the focus stays on its button. */
export class JobList {
  private readonly list = byId('jobs', HTMLUListElement);
  private readonly empty = byId('no-jobs', HTMLParagraphElement);
  private readonly elements = new Map<string, JobElement>();
  private readonly number: Intl.NumberFormat;

  constructor(
    language: Language,
    private readonly texts: ProgressTexts,
    private readonly cancel: (job: Job) => void,
  ) {
    this.number = new Intl.NumberFormat(language);
  }

  show(jobs: ReadonlyMap<string, Job>): void {
    this.empty.hidden = jobs.size > 0;
    for (const [id, { root }] of this.elements) {
      if (jobs.has(id)) continue;
      root.remove();
      this.elements.delete(id);
    }
    for (const job of [...jobs.values()].sort((a, b) => a.startedAt - b.startedAt))
      this.elementOf(job).show(job);
  }

  private elementOf(job: Job): JobElement {
    const known = this.elements.get(job.id);
    if (known) return known;
    const element = this.make(job);
    this.elements.set(job.id, element);
    this.list.prepend(element.root);
    return element;
  }

  private make(job: Job): JobElement {
    const { texts } = this;
    const title = texts.title(this.number.format(job.steps * STEP_NUMBERS));
    const bar = make('progress', '');
    bar.max = job.steps;
    bar.ariaLabel = title;
    const state = make('span', 'badge');
    const found = make('span', 'found');
    const cancel = make('button', 'quiet', texts.cancel);
    cancel.type = 'button';
    cancel.ariaLabel = texts.cancelJob(title);
    cancel.addEventListener('click', () => this.cancel(job));
    const head = make('div', 'job-head', make('h3', '', title), state, cancel);
    const root = make('li', 'job card', head, bar, found);
    const show = (now: Job) => {
      bar.value = now.done;
      state.textContent = texts[now.state];
      root.dataset['state'] = now.state;
      found.textContent = texts.found(this.number.format(now.found));
      cancel.hidden = isOver(now);
    };
    return { root, show };
  }
}
