import { test as base, expect } from '@playwright/test';
import { type HostKind, electronHosts, loopbackHosts } from './console-hosts.ts';
import { Desk } from './desk.ts';

export interface ConsoleOptions {
  /** Set by the project: what shows the consoles. */
  hostKind: HostKind;
}

interface WorkerFixtures extends ConsoleOptions {
  /** Opens a workspace of its own; whoever opens one closes it. */
  openDesk: () => Promise<Desk>;
}

/** Open now in this worker. */
const desks = new Set<Desk>();

/** Tests of consoles on real processes. After each one, no console may have had an error that nobody caught. */
export const test = base.extend<{ quiet: void }, WorkerFixtures>({
  hostKind: ['loopback', { scope: 'worker', option: true }],
  openDesk: [
    async ({ browser, hostKind }, use) => {
      const hosts = hostKind === 'electron' ? electronHosts() : loopbackHosts(browser);
      await use(async () => {
        const desk = await Desk.open(hosts);
        desks.add(desk);
        desk.onClose(() => desks.delete(desk));
        return desk;
      });
      // A file that failed before its end leaves its processes.
      await Promise.all([...desks].map((desk) => desk.close()));
    },
    { scope: 'worker' },
  ],
  quiet: [
    async ({ hostKind: _hostKind }, use) => {
      await use();
      expect([...desks].flatMap((desk) => desk.takeProblems())).toEqual([]);
    },
    { auto: true },
  ],
});
