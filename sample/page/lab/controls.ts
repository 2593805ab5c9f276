import { byId, make } from '../dom.js';
import { type Run } from './run.js';
import { type LabTexts } from './texts.js';

const RATES = [0.2, 1, 2, 5, 20, 50];
const FIRST_RATE = 2;
const INTERVALS_MS = [500, 1000, 2000, 5000];
const CUT_MS = 5000;

/** Event rate, poll interval, and a break. */
export class Controls {
  private readonly rate = byId('rate', HTMLInputElement);
  private readonly shown = byId('rate-shown', HTMLSpanElement);
  private readonly interval = byId('interval', HTMLSelectElement);
  private readonly cut = byId('cut', HTMLButtonElement);

  constructor(
    private readonly run: Run,
    private readonly texts: LabTexts,
    intervalMs: number,
  ) {
    this.rate.max = String(RATES.length - 1);
    this.rate.value = String(RATES.indexOf(FIRST_RATE));
    this.interval.replaceChildren(...INTERVALS_MS.map((ms) => this.option(ms)));
    this.interval.value = String(intervalMs);
    this.showRate();
    this.rate.addEventListener('input', () => this.showRate());
    this.rate.addEventListener('change', () => void run.setRate(this.perSecond));
    this.interval.addEventListener('change', () => run.setInterval(Number(this.interval.value)));
    this.cut.addEventListener('click', () => void this.cutAll());
    byId('lab-controls', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault());
  }

  private get perSecond(): number {
    return RATES[Number(this.rate.value)]!;
  }

  private option(ms: number): HTMLOptionElement {
    const option = make('option', '', this.texts.seconds(ms / 1000));
    option.value = String(ms);
    return option;
  }

  /** The positions of the control are not the rates themselves, so a reader is told. */
  private showRate(): void {
    this.shown.textContent = String(this.perSecond);
    this.rate.setAttribute('aria-valuetext', String(this.perSecond));
  }

  private async cutAll(): Promise<void> {
    this.cut.disabled = true;
    this.cut.textContent = this.texts.isCut;
    await this.run.cut(CUT_MS);
    window.setTimeout(() => {
      this.cut.disabled = false;
      this.cut.textContent = this.texts.cut;
    }, CUT_MS);
  }
}
