import { byId } from '../dom.js';
import { type ChatClient } from './chat-client.js';

const NAMED = 2;

/** Not a live region: a screen reader that told of every key pressed elsewhere would be switched off. */
export class TypingLine {
  private readonly line = byId('typing', HTMLParagraphElement);

  constructor(private readonly chat: ChatClient) {}

  show(): void {
    const { names } = this.chat.typists;
    this.line.textContent = sentence(names);
    this.line.classList.toggle('active', names.length > 0);
  }
}

function sentence(names: readonly string[]): string {
  if (names.length === 0) return '';
  if (names.length > NAMED) return 'Several people are typing';
  return `${names.join(' and ')} ${names.length > 1 ? 'are' : 'is'} typing`;
}
