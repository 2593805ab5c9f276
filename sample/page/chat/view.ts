import { type SceneContext } from '../scene.js';
import { type ChatTexts } from './texts.js';

/** What all views of the chat are given. */
export interface ViewContext extends SceneContext {
  readonly texts: ChatTexts;
}
