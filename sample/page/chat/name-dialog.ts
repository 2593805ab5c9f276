import { NAME_LENGTH } from '../../chat/chat.limits.js';
import { byId } from '../dom.js';
import { browserStore } from '../storage.js';
import { type ChatClient } from './chat-client.js';
import { type ViewContext } from './view.js';

/** Asks for the name: before anything else, and again on request. */
export class NameDialog {
  private readonly dialog = byId('name-dialog', HTMLDialogElement);
  private readonly input = byId('name', HTMLInputElement);
  private readonly problem = byId('name-problem', HTMLParagraphElement);

  /** @param done called when the dialog is closed */
  constructor(
    private readonly chat: ChatClient,
    view: ViewContext,
    done: () => void,
  ) {
    this.input.maxLength = NAME_LENGTH;
    byId('me', HTMLButtonElement).addEventListener('click', () => this.ask());
    byId('name-form', HTMLFormElement).addEventListener('submit', () => this.submit());
    this.dialog.addEventListener('cancel', (event) => {
      if (!chat.name) event.preventDefault();
    });
    // Only after the dialog has given the focus back may somebody else take it.
    this.dialog.addEventListener('close', done);
    chat.nameRefused$.subscribe(() => this.ask(view.texts.nameRefused));
    if (!chat.name) this.ask();
  }

  private ask(problem = ''): void {
    this.input.value = this.chat.name ?? browserStore.read('name') ?? '';
    this.problem.textContent = problem;
    if (!this.dialog.open) this.dialog.showModal();
    this.input.select();
  }

  private submit(): void {
    const name = this.input.value.trim();
    if (!name) return;
    browserStore.write('name', name);
    if (name !== this.chat.name) void this.chat.enter(name);
  }
}
