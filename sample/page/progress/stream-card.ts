import { byId } from '../dom.js';
import { type JobFeed } from './job-feed.js';
import { type ProgressTexts } from './texts.js';

/** What the stream itself has been through. */
export class StreamCard {
  private readonly state = byId('stream-state', HTMLParagraphElement);

  constructor(private readonly texts: ProgressTexts) {}

  show({ state, events, returns, gaps, cursor }: JobFeed): void {
    const { connecting, live, lost } = this.texts;
    const label = { connecting, open: live, waiting: lost }[state];
    // Set only when it differs, for it is read out.
    if (this.state.textContent !== label) this.state.textContent = label;
    this.state.dataset['state'] = state;
    put('stream-events', events);
    put('stream-returns', returns);
    put('stream-gaps', gaps);
    put('stream-last', cursor ?? '–');
  }
}

function put(id: string, value: string | number): void {
  byId(id, HTMLElement).textContent = String(value);
}
