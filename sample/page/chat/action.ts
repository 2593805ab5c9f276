import { make } from '../dom.js';

/** A button that looks like a link. */
export function action(label: string, act: () => void): HTMLButtonElement {
  const button = make('button', 'link', label);
  button.type = 'button';
  button.addEventListener('click', act);
  return button;
}
