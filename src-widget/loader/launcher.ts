import { LAUNCHER_STYLE } from './launcher-style.ts';

const SVG = 'http://www.w3.org/2000/svg';
const BUBBLE =
  'M21 11.5a8.4 8.4 0 0 1-8.5 8.3 9 9 0 0 1-3.6-.7L3.5 21l1.7-4.6A8 8 0 0 1 4 11.5a8.4 8.4 0 0 1 8.5-8.3A8.4 8.4 0 0 1 21 11.5z';
const CHEVRON = 'm5 9 7 7 7-7';

const TEXTS = {
  vi: { open: 'Mở khung chat', close: 'Đóng khung chat', frame: 'Khung chat', unread: 'tin chưa đọc' },
  en: { open: 'Open chat', close: 'Close chat', frame: 'Chat', unread: 'unread messages' },
};

/** The round button and the place of the frame, in a shadow root of their own; built without any markup or style text. */
export class Launcher {
  readonly #texts: (typeof TEXTS)['en'];
  readonly #host = document.createElement('div');
  readonly #box = document.createElement('div');
  readonly #button = document.createElement('button');
  readonly #badge = document.createElement('i');
  #frame: HTMLIFrameElement | null = null;
  #unread = 0;
  isOpen = false;

  constructor(options: { locale: string; accent: string; isLeft: boolean; hasButton: boolean }) {
    this.#texts = /^vi/i.test(options.locale) ? TEXTS.vi : TEXTS.en;
    const root = this.#host.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(LAUNCHER_STYLE);
    root.adoptedStyleSheets = [sheet];
    this.setAccent(options.accent);
    this.#box.className = (options.isLeft ? 'l' : '') + (options.hasButton ? '' : ' n');
    this.#button.type = 'button';
    this.#button.append(drawing(BUBBLE), drawing(CHEVRON), this.#badge);
    this.#box.append(this.#button);
    root.append(this.#box);
    this.#describe();
    document.body.append(this.#host);
  }

  setAccent(color: string): void {
    if (!/^#[0-9a-f]{6}$/i.test(color)) return;
    const [red, green, blue] = [1, 3, 5].map((start) => parseInt(color.slice(start, start + 2), 16)) as number[];
    const { style } = this.#host;
    style.setProperty('--a', color);
    style.setProperty('--c', red! * 0.3 + green! * 0.59 + blue! * 0.11 > 150 ? '#14171c' : '#fff');
  }

  onPress(listener: () => void): void {
    this.#button.addEventListener('click', listener);
  }

  /** The visitor is about to press: time to fetch the frame. */
  onApproach(listener: () => void): void {
    for (const name of ['pointerenter', 'focus']) this.#button.addEventListener(name, listener, { once: true });
  }

  placeFrame(url: string): HTMLIFrameElement {
    const frame = document.createElement('iframe');
    frame.title = this.#texts.frame;
    frame.src = url;
    this.#box.prepend(frame);
    this.#frame = frame;
    return frame;
  }

  removeFrame(): void {
    this.#frame?.remove();
    this.#frame = null;
  }

  setOpen(isOpen: boolean): void {
    const hadFocus = this.#host.shadowRoot?.activeElement === this.#frame;
    this.isOpen = isOpen;
    this.#frame?.classList.toggle('o', isOpen);
    this.#button.classList.toggle('o', isOpen);
    this.#describe();
    if (isOpen) this.#frame?.focus();
    else if (hadFocus) this.#button.focus();
  }

  setUnread(count: number): void {
    this.#unread = count;
    this.#badge.textContent = count === 0 ? '' : count > 99 ? '99+' : String(count);
    this.#describe();
  }

  #describe(): void {
    const { open, close, unread } = this.#texts;
    const label = this.isOpen ? close : open;
    this.#button.setAttribute('aria-label', this.#unread ? `${label}, ${this.#unread} ${unread}` : label);
    this.#button.setAttribute('aria-expanded', String(this.isOpen));
  }
}

function drawing(path: string): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  const shape = document.createElementNS(SVG, 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  shape.setAttribute('d', path);
  svg.append(shape);
  return svg;
}
