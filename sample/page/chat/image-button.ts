import { byId } from '../dom.js';
import { type ChatClient } from './chat-client.js';
import { imageFrom } from './image-file.js';
import { type ViewContext } from './view.js';

/** Images are chosen, or pasted into the text. */
export class ImageButton {
  private readonly input = byId('image', HTMLInputElement);
  private readonly problem = byId('text-left', HTMLParagraphElement);

  constructor(
    private readonly chat: ChatClient,
    private readonly view: ViewContext,
  ) {
    this.input.addEventListener('change', () => void this.chosen());
    byId('text', HTMLTextAreaElement).addEventListener('paste', (event) => {
      for (const file of event.clipboardData?.files ?? []) void this.send(file);
    });
  }

  private async chosen(): Promise<void> {
    const [file] = this.input.files ?? [];
    this.input.value = '';
    if (file) await this.send(file);
  }

  private async send(file: File): Promise<void> {
    const image = await imageFrom(file);
    if (image) await this.chat.write('', image);
    else this.problem.textContent = this.view.texts.imageRefused;
  }
}
