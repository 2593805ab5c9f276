const TOKENS = [
  'surface',
  'canvas',
  'line',
  'text',
  'muted',
  'accent',
  'star',
  'person-0',
  'person-1',
  'person-2',
  'person-3',
  'person-4',
  'person-5',
  'person-6',
  'person-7',
] as const;
type Token = (typeof TOKENS)[number];

const PEOPLE = 8;

/** The colours of the style sheet as a canvas takes them, in the theme of the moment. */
export class Palette {
  private readonly colours = new Map<string, string>();

  constructor(private readonly host: HTMLElement) {
    this.read();
  }

  read(): void {
    const probe = document.createElement('span');
    probe.hidden = true;
    this.host.append(probe);
    for (const token of TOKENS) {
      probe.style.color = `var(--${token})`;
      this.colours.set(token, getComputedStyle(probe).color);
    }
    probe.remove();
  }

  of(token: Token): string {
    return this.colours.get(token)!;
  }

  ofShip(id: number): string {
    return this.colours.get(`person-${id % PEOPLE}`)!;
  }
}
