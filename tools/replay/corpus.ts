import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';

/** One recorded line. `at` is milliseconds since the conversation began. */
export interface RecordedLine {
  from: 'customer' | 'agent';
  text: string;
  at: number;
}

export interface RecordedConversation {
  id: string;
  /** Begins with a customer's line. */
  lines: RecordedLine[];
}

/** The web chat's limit; longer recorded lines are cut, since its customers could not have written them. */
const MAX_TEXT_LENGTH = 4000;

/**
 * Reads recorded conversations: our own format (a JSON file), STAR dialogues (a folder with `dialogues/*.json`) or
 * tweets (a folder with a `twcs.csv`, or such a file).
 * @throws Error in words when the path holds none of these
 */
export function readCorpus(corpusPath: string): RecordedConversation[] {
  const stats = statSync(corpusPath, { throwIfNoEntry: false });
  if (stats === undefined) throw new Error(`There is no corpus at ${corpusPath}.`);
  const conversations = stats.isDirectory() ? readFolder(corpusPath) : readFile(corpusPath);
  const usable = conversations.map(beginWithCustomer).filter((conversation) => conversation.lines.length > 0);
  if (usable.length === 0) throw new Error(`No conversation that begins with a customer was found in ${corpusPath}.`);
  return usable;
}

function readFolder(folder: string): RecordedConversation[] {
  const names = readdirSync(folder);
  if (names.includes('dialogues')) return readStar(path.join(folder, 'dialogues'));
  if (names.includes('twcs.csv')) return readTweets(path.join(folder, 'twcs.csv'));
  const own = names.filter((name) => name.endsWith('.json'));
  if (own.length > 0) return own.flatMap((name) => readOwn(path.join(folder, name)));
  throw new Error(`${folder} holds neither dialogues/*.json, nor twcs.csv, nor conversations as JSON.`);
}

function readFile(file: string): RecordedConversation[] {
  return file.endsWith('.csv') ? readTweets(file) : readOwn(file);
}

const ownSchema = z.object({
  conversations: z.array(
    z.object({ id: z.string(), lines: z.array(z.tuple([z.number(), z.enum(['customer', 'agent']), z.string()])) }),
  ),
});

function readOwn(file: string): RecordedConversation[] {
  return ownSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).conversations.map(({ id, lines }) => ({
    id,
    lines: lines.map(([seconds, from, text]) => ({ from, text, at: seconds * 1000 })),
  }));
}

const starSchema = z.object({
  Events: z.array(
    z.looseObject({
      Agent: z.string(),
      Action: z.string(),
      Text: z.string().optional(),
      UnixTime: z.unknown().optional(),
    }),
  ),
});

function readStar(folder: string): RecordedConversation[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names
    .toSorted((one, other) => Number.parseInt(one, 10) - Number.parseInt(other, 10))
    .map((name) => {
      const { Events } = starSchema.parse(JSON.parse(readFileSync(path.join(folder, name), 'utf8')));
      const said = Events.filter(
        (event) =>
          (event.Agent === 'User' && event.Action === 'utter') ||
          (event.Agent === 'Wizard' && (event.Action === 'utter' || event.Action === 'pick_suggestion')),
      );
      return {
        id: `star-${path.basename(name, '.json')}`,
        lines: inOrder(
          said.map((event) => ({
            from: event.Agent === 'User' ? ('customer' as const) : ('agent' as const),
            text: event.Text ?? '',
            at: Number(event.UnixTime ?? Number.NaN) * 1000,
          })),
        ),
      };
    });
}

interface Tweet {
  id: string;
  isInbound: boolean;
  at: number;
  text: string;
  parentId: string;
}

/** Every root tweet of a customer, with the first answer to each tweet followed to the end of its thread. */
function readTweets(file: string): RecordedConversation[] {
  const rows = parse(readFileSync(file), { columns: true, relaxColumnCount: true }) as Record<
    string,
    string | undefined
  >[];
  const tweets = new Map<string, Tweet>();
  for (const row of rows) {
    const id = row['tweet_id'];
    if (id === undefined || row['text'] === undefined || row['text'] === '') continue;
    tweets.set(id, {
      id,
      isInbound: row['inbound'] === 'True',
      at: Date.parse(row['created_at'] ?? ''),
      text: row['text'].replace(/^(?:@\w+\s*)+/u, ''),
      parentId: (row['in_response_to_tweet_id'] ?? '').replace(/\.0$/u, ''),
    });
  }
  const answers = new Map<string, Tweet[]>();
  for (const tweet of tweets.values()) {
    if (tweets.has(tweet.parentId)) answers.set(tweet.parentId, [...(answers.get(tweet.parentId) ?? []), tweet]);
  }
  return [...tweets.values()]
    .filter((tweet) => !tweets.has(tweet.parentId) && tweet.isInbound)
    .map((root) => {
      const thread: Tweet[] = [];
      for (let next: Tweet | undefined = root; next !== undefined; next = answers.get(next.id)?.[0]) thread.push(next);
      return {
        id: `tweet-${root.id}`,
        lines: inOrder(
          thread.map((tweet) => ({ from: tweet.isInbound ? 'customer' : 'agent', text: tweet.text, at: tweet.at })),
        ),
      };
    })
    .filter((conversation) => conversation.lines.length > 1);
}

/** Times from zero and never backwards; a line without a time follows 20 s after the one before it. */
function inOrder(lines: RecordedLine[]): RecordedLine[] {
  const start = lines[0]?.at ?? 0;
  let last = 0;
  return lines.map((line) => {
    const at = Number.isFinite(line.at - start) ? Math.max(last, line.at - start) : last + 20_000;
    last = at;
    return { ...line, at };
  });
}

function beginWithCustomer(conversation: RecordedConversation): RecordedConversation {
  const said = conversation.lines
    .map((line) => ({ ...line, text: line.text.trim().slice(0, MAX_TEXT_LENGTH).toWellFormed() }))
    .filter((line) => line.text !== '');
  const first = said.findIndex((line) => line.from === 'customer');
  return { ...conversation, lines: first === -1 ? [] : said.slice(first) };
}
