import { type Member } from '../../chat/chat.protocol.js';
import { make } from '../dom.js';

const graphemes = new Intl.Segmenter();

/** A round with the first letters of the name, in a colour that goes with the member. */
export function avatarOf(member: Member): HTMLElement {
  const avatar = make('span', 'avatar', initialsOf(member.name));
  avatar.ariaHidden = 'true';
  paintAvatar(avatar, member);
  return avatar;
}

export function paintAvatar(avatar: HTMLElement, { id, name }: Member): void {
  avatar.textContent = initialsOf(name);
  avatar.style.setProperty('--hue', String(hueOf(id)));
}

function initialsOf(name: string): string {
  const words = name.split(/[\s_.-]+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0]!, words.at(-1)!] : [name];
  return letters.map(firstLetterOf).join('').toLocaleUpperCase();
}

function firstLetterOf(word: string): string {
  return graphemes.segment(word)[Symbol.iterator]().next().value?.segment ?? '';
}

function hueOf(id: string): number {
  let hash = 0;
  for (const char of id) hash = (hash * 31 + char.charCodeAt(0)) % 360;
  return hash;
}
