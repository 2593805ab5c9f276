import type { Language } from './language.js';

export interface SceneContext {
  readonly language: Language;
  /** Aborted when the user goes to another scene, or changes the language: the scene closes its connections. */
  readonly signal: AbortSignal;
}

export interface Scene {
  mount(root: HTMLElement, context: SceneContext): void;
}
