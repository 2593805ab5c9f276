import { type EditorView } from 'prosemirror-view';
import { make } from '../dom.js';
import { type Texts } from './texts.js';
import { type Tool, tools } from './tools.js';

/** One stop for the Tab key; arrow keys move among the tools (WAI-ARIA's pattern for toolbars). */
export class Toolbar {
  readonly element = make('div', 'document-tools');
  private readonly buttons: HTMLButtonElement[];
  private view: EditorView | undefined;

  constructor(text: Texts) {
    this.element.role = 'toolbar';
    this.element.ariaLabel = text.tools;
    this.buttons = tools.map((tool) => this.button(tool, text[tool.name]));
    this.element.append(...this.buttons);
    this.element.addEventListener('keydown', (event) => this.pressed(event));
    this.moveTo(0);
  }

  /** Shows what holds for the selection. */
  show(view: EditorView): void {
    this.view = view;
    for (const [i, { isOn, command }] of tools.entries()) {
      const button = this.buttons[i]!;
      if (isOn) button.ariaPressed = String(isOn(view.state));
      button.ariaDisabled = String(!command(view.state));
    }
  }

  focus(): void {
    this.buttons.find((button) => button.tabIndex === 0)?.focus();
  }

  private button({ name, sign, command }: Tool, label: string): HTMLButtonElement {
    const button = make('button', `document-tool ${name}`);
    // shown by the style sheet: the label is what it is called
    button.dataset['sign'] = sign;
    button.type = 'button';
    button.ariaLabel = button.title = label;
    // else the editor would lose its selection
    button.addEventListener('mousedown', (event) => event.preventDefault());
    button.addEventListener('click', () => {
      if (!this.view) return;
      command(this.view.state, this.view.dispatch, this.view);
      this.view.focus();
    });
    return button;
  }

  private pressed(event: KeyboardEvent): void {
    const at = this.buttons.findIndex((button) => button.tabIndex === 0);
    const last = this.buttons.length - 1;
    const targets: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: last };
    const target = targets[event.key];
    if (event.key === 'Escape') this.view?.focus();
    if (target === undefined) return;
    event.preventDefault();
    this.moveTo((target + last + 1) % (last + 1));
    this.focus();
  }

  private moveTo(index: number): void {
    for (const [i, button] of this.buttons.entries()) button.tabIndex = i === index ? 0 : -1;
  }
}
