import { afterEach } from 'vitest';
import { removeFolders } from './console-process.ts';
import { furnish } from './desk-writes.ts';
import { type HubRig, openHubRig } from './hub-rig.ts';
import { LinkedCore } from './linked-core.ts';

type CoreOptions = NonNullable<Parameters<typeof LinkedCore.open>[2]>;

/** Rigs and consoles of a test, which end with it. */
export interface LinkedCores {
  /** A relay with a queue `sales`, a channel `web` and agents. */
  openRig(agentIds?: readonly string[]): Promise<HubRig>;
  /** A console that has had a second since it was signed in. */
  openCore(rig: HubRig, agentId?: string, options?: CoreOptions): Promise<LinkedCore>;
  /** As kill −9. @returns the console that was started again on its files */
  kill(core: LinkedCore, options?: CoreOptions): Promise<LinkedCore>;
  /** Does this at the end of the test, before what was opened earlier ends. */
  atEnd(close: () => Promise<unknown>): void;
}

/** For files whose tests open consoles: real files, on a machine that may be busy with something else. */
export function useLinkedCores(): LinkedCores {
  const closers: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    removeFolders();
  });
  const atEnd: LinkedCores['atEnd'] = (close) => void closers.push(close);
  return {
    atEnd,
    openRig: async (agentIds) => {
      const rig = await openHubRig();
      atEnd(() => rig.close());
      await furnish(rig, agentIds);
      return rig;
    },
    openCore: async (rig, agentId = 'lan', options = {}) => {
      const core = await LinkedCore.open(rig, agentId, options);
      atEnd(() => core.close());
      await core.pass(1000);
      return core;
    },
    kill: async (core, options = {}) => {
      const next = await core.kill(options);
      atEnd(() => next.close());
      return next;
    },
  };
}
