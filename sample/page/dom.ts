const SVG = 'http://www.w3.org/2000/svg';

type Constructor<T> = new () => T;

/** @throws when the page has no element of that kind with that id: index.html and the code do not fit. */
export function byId<T extends HTMLElement>(id: string, kind: Constructor<T>): T {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`);
  return element;
}

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...content: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...content);
  return element;
}

/** One of the symbols of index.html, for the eyes only. */
export function svgIcon(name: string): SVGSVGElement {
  const icon = document.createElementNS(SVG, 'svg');
  const use = document.createElementNS(SVG, 'use');
  icon.setAttribute('class', 'icon');
  icon.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', `#icon-${name}`);
  icon.append(use);
  return icon;
}

/**
 * Puts a scene's markup into `root`, and texts where it asks for them: `data-text`, `data-label`, `data-title`
 * name the text that becomes the element's content, its `aria-label`, its `title`.
 */
export function fillWith(root: HTMLElement, markup: string, texts: Readonly<Record<string, unknown>>): void {
  root.innerHTML = markup;
  const each = (name: string, put: (element: Element, text: string) => void) => {
    for (const element of root.querySelectorAll(`[data-${name}]`)) {
      put(element, String(texts[element.getAttribute(`data-${name}`)!]));
    }
  };
  each('text', (element, text) => (element.textContent = text));
  each('label', (element, text) => (element.ariaLabel = text));
  each('title', (element, text) => element.setAttribute('title', text));
}

/** One child of a list: `version` tells whether an element made earlier for `key` still shows the right thing. */
export interface Row {
  key: string;
  version: string;
  build(): HTMLElement;
}

/** Makes the children of `list` those rows and touches only what differs, so that focus and live regions hold. */
export function showRows(list: HTMLElement, rows: readonly Row[]): void {
  const wanted = new Set(rows.map(keyFor));
  const kept = new Map(Array.from(list.children, (child) => [keyOf(child), child]));
  for (const [key, child] of kept) if (!wanted.has(key)) child.remove();
  let cursor = list.firstElementChild;
  for (const row of rows) {
    const element = kept.get(keyFor(row)) ?? built(row);
    if (element === cursor) cursor = cursor.nextElementSibling;
    else list.insertBefore(element, cursor);
  }
}

function built(row: Row): HTMLElement {
  const element = row.build();
  element.dataset['row'] = keyFor(row);
  return element;
}

function keyFor({ key, version }: Row): string {
  return `${key} ${version}`;
}

function keyOf(child: Element): string {
  return (child as HTMLElement).dataset['row'] ?? '';
}
