import { make } from '../dom.js';
import { action } from './action.js';
import { type Unsent } from './outbox.js';
import { type ChatTexts } from './texts.js';

interface Actions {
  readonly again: () => void;
  readonly remove: () => void;
}

/** A message that the server has not confirmed yet, or refuses. */
export function unsentElement(
  { text, image, refusal }: Unsent,
  on: boolean,
  texts: ChatTexts,
  { again, remove }: Actions,
): HTMLElement {
  const body = make('p', 'text', text || (image ? '🖼' : ''));
  body.dir = 'auto';
  const state = make('p', 'state', refusal ?? (on ? texts.sending : texts.notSent));
  const element = make('li', 'message mine unsent', make('div', 'bubble', body), state);
  element.classList.toggle('on', on && refusal === undefined);
  element.classList.toggle('refused', refusal !== undefined);
  if (refusal !== undefined) state.append(' ', action(texts.again, again), ' ', action(texts.remove, remove));
  return element;
}
