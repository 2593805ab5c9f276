import { TEXT_LENGTH, TYPING_REPEAT_MS } from '../../chat/chat.limits.js';
import { byId } from '../dom.js';
import { type ChatClient } from './chat-client.js';
import { type ViewContext } from './view.js';

/** From here on the page says how much room is left. */
const NEARLY_FULL = 200;

/** Where messages are written. Each channel keeps the text that was begun in it. */
export class Composer {
  private readonly form = byId('composer', HTMLFormElement);
  private readonly text = byId('text', HTMLTextAreaElement);
  private readonly left = byId('text-left', HTMLParagraphElement);
  private readonly begun = new Map<string, string>();
  private channel = '';
  private toldAt = 0;

  constructor(
    private readonly chat: ChatClient,
    private readonly view: ViewContext,
  ) {
    this.text.maxLength = TEXT_LENGTH;
    this.text.addEventListener('input', () => this.typed());
    this.text.addEventListener('keydown', (event) => this.pressed(event));
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.submit();
    });
  }

  show(): void {
    const { channel } = this.chat;
    if (channel === this.channel) return;
    this.begun.set(this.channel, this.text.value);
    this.channel = channel;
    this.put(this.begun.get(channel) ?? '');
    this.text.placeholder = this.view.texts.writeTo(channel);
  }

  focus(): void {
    this.text.focus();
  }

  /** The Enter that ends a word in an input method is not meant for us. */
  private pressed(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  private submit(): void {
    const text = this.text.value.trim();
    if (!text) return;
    this.put('');
    this.toldAt = 0;
    void this.chat.write(text);
  }

  private typed(): void {
    this.measure();
    const typing = this.text.value.trim() !== '';
    const now = Date.now();
    if (typing && now - this.toldAt < TYPING_REPEAT_MS) return;
    this.toldAt = typing ? now : 0;
    this.chat.tellTyping(typing);
  }

  private put(text: string): void {
    this.text.value = text;
    this.measure();
  }

  private measure(): void {
    const left = TEXT_LENGTH - this.text.value.length;
    this.left.textContent = left <= NEARLY_FULL ? this.view.texts.left(left) : '';
  }
}
