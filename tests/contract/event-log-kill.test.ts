import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deriveId } from '../../src-relay/event-log/derived-id.ts';
import { openRelayDatabase } from '../../src-relay/event-log/open-relay-database.ts';
import { seededRandom } from '../fakes/manual-clock.ts';

const KILLS = 10;
const MOST_KILLS = 25;
const LAST = 3000;
const child = fileURLToPath(new URL('event-log-kill-child.ts', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'event-log-kill-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the child from command `first` on and kills it after `answers` answers. @returns the answered numbers */
async function runUntilKilled(file: string, first: number, answers: number): Promise<number[]> {
  const script = `import(${JSON.stringify(child)}).then((m) => m.submitNumbers(${JSON.stringify(file)}, ${first}, ${LAST}))`;
  const relay = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  relay.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (output.split('\n').length > answers) relay.kill('SIGKILL');
  });
  await new Promise((resolve) => relay.on('close', resolve));
  // A line that the kill cut off is no answer.
  return output.split('\n').slice(0, -1).map(Number);
}

test('SYNC-C2 SYNC-C4 INV-3 a relay killed again and again loses no answered command and doubles none', async () => {
  const file = path.join(folder, 'relay.db');
  const random = seededRandom(20_250_106);
  const answered = new Set<number>();
  let resent = 0;
  let isLastRound = false;
  for (let kill = 0; !isLastRound; kill += 1) {
    let first = 1;
    while (answered.has(first)) first += 1;
    // Between a commit and its answer a kill comes by chance: until one has.
    isLastRound = kill >= KILLS && (resent > 0 || kill >= MOST_KILLS);
    const numbers = await runUntilKilled(
      file,
      first,
      isLastRound ? Infinity : 20 + Math.floor(random.fraction() * 200),
    );
    for (const number of numbers) answered.add(number);

    const database = openRelayDatabase(file);
    const ids = new Set(database.prepare<[], string>('SELECT command_id FROM event').pluck().all());
    const lost = numbers.filter((number) => !ids.has(idOf(number)));
    expect(lost).toEqual([]);
    // Committed, but the answer never left: exactly what makes sending again the normal case.
    for (let number = first; number <= LAST; number += 1)
      if (!answered.has(number) && ids.has(idOf(number))) resent += 1;
    database.close();
  }
  expect(answered.size).toBe(LAST);
  expect(resent).toBeGreaterThan(0);

  const database = openRelayDatabase(file);
  const list = (sql: string): unknown[] => database.prepare(sql).pluck().all();
  const doubled = list('SELECT command_id FROM event GROUP BY command_id HAVING count(*) > 1');
  expect(doubled).toEqual([]);
  const seqs = list('SELECT seq FROM event ORDER BY seq');
  expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, index) => index + 1));
  expect(list('SELECT head FROM log_meta')).toEqual([seqs.length]);
  expect(list("SELECT count(*) FROM message WHERE kind = 'public'")).toEqual([LAST]);
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  database.close();
});

function idOf(number: number): string {
  return deriveId('test', number % 3 === 0 && number >= 7 ? `send-m${number}` : `receive-m${number}`);
}
