import { make, svgIcon } from '../dom.js';
import { type ShellTexts } from '../texts.js';
import { type SceneName, scenes } from './scenes.js';

/** One link for each scene: a bar at the top, on phones at the bottom. */
export function showNavigation(nav: HTMLElement, texts: ShellTexts, current: SceneName): void {
  nav.ariaLabel = texts.scenes;
  nav.replaceChildren(make('ul', '', ...scenes.map(([name]) => item(name, texts, name === current))));
}

function item(name: SceneName, texts: ShellTexts, isCurrent: boolean): HTMLElement {
  const link = make('a', 'scene-link', svgIcon(name), make('span', '', texts[name].name));
  link.href = `#/${name}`;
  if (isCurrent) link.ariaCurrent = 'page';
  return make('li', '', link);
}
