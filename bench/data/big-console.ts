import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { seededRandom } from '../../tests/fakes/manual-clock.ts';
import type { BenchSettings } from '../benchmark.ts';
import { type SeededConsole, fillCache, makeConsole } from './console-seed.ts';
import { TextGenerator } from './text-generator.ts';

const MESSAGES_EACH = 10;
const LONG_COUNT = 6;
const TAB_COUNT = 30;

/** A console whose cache holds a month of a large shop, or of a small one. */
export interface BigConsole extends SeededConsole {
  messages: number;
  conversations: number;
  /** Conversations of `longLength` messages, of fifty, and of some hundred: one for each of thirty tabs. */
  longIds: string[];
  longLength: number;
  shortIds: string[];
  tabIds: string[];
}

/** Sizes: what `sync.md` names, and small ones that still have every kind of conversation. */
export function bigSizes(isShort: boolean): { large: number; small: number; longLength: number } {
  return isShort
    ? { large: 40_000, small: 4000, longLength: 1000 }
    : { large: 1_000_000, small: 10_000, longLength: 10_000 };
}

/**
 * The console with so many messages in its cache; made on first use in a run. Its relay is gone, so that it stays
 * offline: what is measured on it is the console alone.
 */
export async function openBigConsole(
  { folder, isShort, say }: BenchSettings,
  size: 'large' | 'small',
): Promise<BigConsole> {
  const own = path.join(folder, `console-${size}`);
  const description = path.join(own, 'console.json');
  if (existsSync(description)) return JSON.parse(readFileSync(description, 'utf8')) as BigConsole;

  const sizes = bigSizes(isShort);
  const messages = sizes[size];
  const longLength = size === 'large' ? sizes.longLength : 0;
  const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
  const longIds = size === 'large' ? ids('long', LONG_COUNT) : [];
  const shortIds = ids('short', LONG_COUNT);
  const tabIds = size === 'large' ? ids('tab', TAB_COUNT) : [];
  const named = [
    ...tabIds.map((id) => ({ id, messages: 200 })),
    ...shortIds.map((id) => ({ id, messages: 50 })),
    ...longIds.map((id) => ({ id, messages: longLength })),
  ];
  const others = messages - named.reduce((sum, one) => sum + one.messages, 0);
  say(`a console with ${messages} messages in its cache (once a run)`);
  const random = seededRandom(messages);
  const texts = new TextGenerator(random);
  const console = await makeConsole(own, random, texts, 0);
  fillCache(console, { messages: others, messagesEach: MESSAGES_EACH, named }, random, texts);
  const conversations = Math.round(others / MESSAGES_EACH) + named.length;
  const big: BigConsole = { ...console, messages, conversations, longIds, longLength, shortIds, tabIds };
  writeFileSync(description, JSON.stringify(big));
  return big;
}
