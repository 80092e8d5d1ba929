import { render } from '@testing-library/react';
import type { i18n } from 'i18next';
import type { ReactNode } from 'react';
import { I18nextProvider } from 'react-i18next';
import { CoreClient } from '../../src-renderer/core-client/core-client.ts';
import { TooltipProvider } from '../../src-renderer/components/tooltip.tsx';
import { actionWords } from '../../src-renderer/locales/action-words.ts';
import { createI18n } from '../../src-renderer/locales/i18n.ts';
import { ConsoleContext } from '../../src-renderer/stores/console-context.ts';
import { type Console, createConsole } from '../../src-renderer/stores/console.ts';
import { browserRandom } from '../../src-renderer/core-client/browser-clock.ts';
import type { Clock } from '../../shared/primitives/clock.ts';
import { FakeCore, type FakeCoreOptions } from './fake-core.ts';

export interface ConsoleRig {
  fake: FakeCore;
  console: Console;
  i18n: i18n;
  /** What views keep between starts before the core answers. */
  earlyCopy: Map<string, string>;
  stop: () => void;
}

/** A started console on a fake core, without anything on the screen. Frames are painted at once. */
export function startConsole(clock: Clock, options: Partial<FakeCoreOptions> & { fake?: FakeCore } = {}): ConsoleRig {
  const { fake = new FakeCore({ now: () => clock.now(), ...options }) } = options;
  const core = new CoreClient(async () => fake.openPort(), clock);
  const i18n = createI18n('en');
  const earlyCopy = new Map([['liendesk.settings', JSON.stringify({ language: 'en' })]]);
  const console = createConsole({
    core,
    // Every request to the host arrives at the fake, where tests look for it.
    host: {
      isBrowser: false,
      request: (name, input) => core.requestHost(name, input),
      onPush: (name, listener) => core.onPush(name, listener),
    },
    clock,
    random: browserRandom,
    scheduleFrame: queueMicrotask,
    earlyCopy: { getItem: (key) => earlyCopy.get(key) ?? null, setItem: (key, value) => earlyCopy.set(key, value) },
    words: () => actionWords(i18n, clock),
  });
  return { fake, console, i18n, earlyCopy, stop: console.start() };
}

/** Shows `view` on a started console. jsdom lays nothing out, so lists are told that they are 720 px high. */
export function renderOnConsole(rig: ConsoleRig, view: ReactNode): ReturnType<typeof render> {
  giveElementsSize();
  return render(
    <I18nextProvider i18n={rig.i18n}>
      <ConsoleContext value={rig.console}>
        <TooltipProvider>{view}</TooltipProvider>
      </ConsoleContext>
    </I18nextProvider>,
  );
}

function giveElementsSize(): void {
  Object.defineProperties(HTMLElement.prototype, {
    offsetHeight: { configurable: true, value: 720 },
    offsetWidth: { configurable: true, value: 320 },
    clientHeight: { configurable: true, value: 720 },
    clientWidth: { configurable: true, value: 320 },
  });
  Element.prototype.scrollTo ??= () => {};
  Element.prototype.scrollIntoView ??= () => {};
  globalThis.ResizeObserver ??= class {
    observe(): void {}
    unobserve(): void {}
    disconnect(): void {}
  };
  globalThis.matchMedia ??= ((query: string) => ({
    matches: false,
    media: query,
    addEventListener() {},
    removeEventListener() {},
  })) as unknown as typeof matchMedia;
}
