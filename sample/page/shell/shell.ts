import { byId, make } from '../dom.js';
import { chooseText, currentLanguage, type Language, rememberLanguage } from '../language.js';
import { texts } from '../texts.js';
import { bindThemeButton, type ThemeButton } from '../theme.js';
import { showNavigation } from './navigation.js';
import { sceneInAddress, type SceneName, scenes } from './scenes.js';

/** The frame around the scenes: one of them is mounted at a time, and told when its time is over. */
export class Shell {
  private readonly main = byId('scene', HTMLElement);
  private readonly languageButton = byId('language', HTMLButtonElement);
  private readonly theme: ThemeButton = bindThemeButton(byId('theme', HTMLButtonElement));
  private language: Language = currentLanguage();
  private current: SceneName | undefined;
  private leaving = new AbortController();

  start(): void {
    window.addEventListener('hashchange', () => this.follow());
    this.languageButton.addEventListener('click', () => this.changeLanguage());
    byId('skip', HTMLAnchorElement).addEventListener('click', (event) => this.skip(event));
    this.show();
  }

  private follow(): void {
    if (sceneInAddress() === this.current) return;
    this.show();
    this.main.focus();
  }

  /** The hash names the scene, so the link must not change it. */
  private skip(event: Event): void {
    event.preventDefault();
    this.main.focus();
  }

  private changeLanguage(): void {
    this.language = this.language === 'en' ? 'zh' : 'en';
    rememberLanguage(this.language);
    this.show();
  }

  private show(): void {
    this.leaving.abort();
    this.leaving = new AbortController();
    this.current = sceneInAddress();
    this.showFrame(this.current);
    const root = make('div', 'scene-body');
    this.main.replaceChildren(this.heading(this.current), root);
    void this.mount(this.current, root, this.leaving.signal);
  }

  private async mount(name: SceneName, root: HTMLElement, signal: AbortSignal): Promise<void> {
    const load = scenes.find(([known]) => known === name)![1];
    try {
      const { scene } = await load();
      if (!signal.aborted) scene.mount(root, { language: this.language, signal });
    } catch (error) {
      // a script that a newer build has removed, or no network: what else goes wrong is for the console
      if (!(error instanceof TypeError)) throw error;
      root.append(make('p', 'problem', chooseText(texts, this.language).failed));
    }
  }

  private showFrame(name: SceneName): void {
    const chosen = chooseText(texts, this.language);
    document.documentElement.lang = this.language === 'zh' ? 'zh-CN' : 'en';
    document.title = `${chosen[name].name} · Nestwire`;
    byId('skip', HTMLAnchorElement).textContent = chosen.skip;
    this.languageButton.textContent = chosen.otherLanguage;
    this.languageButton.lang = this.language === 'zh' ? 'en' : 'zh-CN';
    this.theme.label(chosen.dark, chosen.theme);
    this.main.dataset['scene'] = name;
    showNavigation(byId('navigation', HTMLElement), chosen, name);
  }

  private heading(name: SceneName): HTMLElement {
    const { name: title, about } = chooseText(texts, this.language)[name];
    return make('div', 'scene-head', make('h1', '', title), make('p', '', about));
  }
}
