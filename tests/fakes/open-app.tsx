import { cleanup, screen } from '@testing-library/react';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import { afterEach } from 'vitest';
import { App } from '../../src-renderer/app.tsx';
import { type ConsoleRig, renderOnConsole, startConsole } from './console-rig.tsx';
import type { FakeCore, FakeCoreOptions } from './fake-core.ts';
import { ManualClock } from './manual-clock.ts';

type AppOptions = Partial<FakeCoreOptions> & { fake?: FakeCore };

interface Apps {
  /** The whole window on a fake core, in English, with its first list or the sign-in on the screen. */
  openApp(options?: AppOptions, clock?: ManualClock): Promise<ConsoleRig & { clock: ManualClock; user: UserEvent }>;
}

/** For files whose tests use the whole window; each ends with its test. */
export function useApps(): Apps {
  const started: ConsoleRig[] = [];
  afterEach(() => {
    cleanup();
    started.splice(0).forEach((rig) => rig.stop());
  });
  return {
    async openApp(options = {}, clock = new ManualClock()) {
      const rig = startConsole(clock, { settings: { 'ui.language': 'en' }, ...options });
      started.push(rig);
      const user = userEvent.setup();
      renderOnConsole(rig, <App />);
      if (rig.fake.isSignedIn) await screen.findAllByRole('option');
      else await screen.findByLabelText('Password');
      return { ...rig, clock, user };
    },
  };
}

/** Inputs of the requests of a name, in their order. */
export function asked(fake: FakeCore, name: string): Record<string, unknown>[] {
  return fake.requests.filter((request) => request.name === name).map(({ input }) => input as Record<string, unknown>);
}

/** Names of the open tabs, in their order. */
export function tabNames(): (string | null)[] {
  return screen.queryAllByRole('tab').map((tab) => tab.getAttribute('title'));
}
