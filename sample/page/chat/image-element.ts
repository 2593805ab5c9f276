import { make } from '../dom.js';
import { type Images } from './images.js';
import { type ChatTexts } from './texts.js';

/** An image that comes when it has come; what is shown before has room for it. */
export function imageElement(images: Images, id: string, author: string, texts: ChatTexts): HTMLElement {
  const frame = make('div', 'image');
  void images.urlOf(id).then((url) => {
    if (url === undefined) return frame.append(make('p', 'state', texts.imageGone));
    const image = make('img', '');
    image.alt = texts.image(author);
    image.src = url;
    frame.append(image);
  });
  return frame;
}
