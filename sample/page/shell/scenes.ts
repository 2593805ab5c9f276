import { type Scene } from '../scene.js';

/** In the order of the navigation. */
const NAMES = ['chat', 'game', 'document', 'progress', 'lab'] as const;

export type SceneName = (typeof NAMES)[number];

type Load = () => Promise<{ readonly scene: Scene }>;

/** A folder with an `index.ts` is a scene. Its code is fetched when it is first gone to. */
const modules = import.meta.glob<{ readonly scene: Scene }>('../*/index.ts');

export const scenes: readonly (readonly [SceneName, Load])[] = NAMES.flatMap((name) => {
  const load = modules[`../${name}/index.ts`];
  return load ? [[name, load] as const] : [];
});

/** The scene that the address names: `#/game`, or with more behind it that is the scene's own: `#/chat/help`. */
export function sceneInAddress(): SceneName {
  const [, first] = location.hash.split('/');
  return scenes.find(([name]) => name === first)?.[0] ?? 'chat';
}
