import { cpSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { seededRandom } from '../../tests/fakes/manual-clock.ts';
import type { BenchSettings } from '../benchmark.ts';
import { type RelayFolder, type SeededConsole, makeConsole } from './console-seed.ts';
import { AGENTS, RelaySeed } from './relay-seed.ts';
import { TextGenerator } from './text-generator.ts';

const HOUR_MS = 60 * 60 * 1000;
/** What happened is history: a burst of news would be announced to the agent, one by one. */
const AWAY_SINCE_MS = 9 * HOUR_MS;

/** A console that was away while much happened, and the relay's folder with all of it. */
export interface AwayConsole extends SeededConsole {
  relay: RelayFolder;
  /** A folder with the cache's files as they were when the console left. */
  base: string;
  cursor: number;
  head: number;
  events: number;
  conversations: number;
}

/** The console that is far behind; made on first use in a run, and left as it is by whoever restores its cache. */
export async function openAwayConsole({ folder, isShort, say }: BenchSettings): Promise<AwayConsole> {
  const own = path.join(folder, 'away');
  const description = path.join(own, 'away.json');
  if (existsSync(description)) return JSON.parse(readFileSync(description, 'utf8')) as AwayConsole;
  const away = await makeAwayConsole(own, isShort ? 5000 : 100_000, isShort ? 500 : 5000, say);
  writeFileSync(description, JSON.stringify(away));
  return away;
}

/** Makes a console with a full cache, and `events` events at its relay that it does not know of. */
export async function makeAwayConsole(
  folder: string,
  events: number,
  conversations: number,
  say: (line: string) => void,
): Promise<AwayConsole> {
  const random = seededRandom(100_000);
  const texts = new TextGenerator(random);
  say(`a console that holds ${conversations} conversations (once a run)`);
  const console = await makeConsole(folder, random, texts, conversations, AWAY_SINCE_MS);
  const base = path.join(folder, 'base');
  copyCache(console.cacheFolder, base);

  say(`${events} events while it is away (once a run)`);
  const seed = new RelaySeed(console.relay.folder, random, texts, AWAY_SINCE_MS);
  seed.conversationIds.push(...console.relay.conversationIds);
  const cursor = seed.head;
  await seed.addTraffic(events, AGENTS);
  const { head } = seed;
  await seed.close();
  if (head !== cursor + events) throw new Error(`there are ${head - cursor} events instead of ${events}`);
  return { ...console, base, cursor, head, events, conversations };
}

/** Puts the cache back as it was when the console left. The sign-in goes on, since a token is good once. */
export function restoreCache({ base, cacheFolder }: AwayConsole): void {
  copyCache(base, cacheFolder);
}

/** Puts a copy of the cache's files in the place of another's. */
export function copyCache(from: string, to: string): void {
  const isCache = (file: string): boolean => path.basename(file).startsWith('cache.');
  for (const suffix of ['', '-wal', '-shm']) rmSync(path.join(to, `cache.db${suffix}`), { force: true });
  for (const file of readdirSync(from).filter(isCache)) cpSync(path.join(from, file), path.join(to, file));
}
