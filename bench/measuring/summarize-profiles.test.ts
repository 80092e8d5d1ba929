import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { type CpuProfile, renderProfiles, summarizeProfiles } from './summarize-profiles.ts';

function profile(frames: [functionName: string, url: string, lineNumber: number][], samples: number[]): CpuProfile {
  return {
    nodes: frames.map(([functionName, url, lineNumber], id) => ({ id, callFrame: { functionName, url, lineNumber } })),
    samples,
    timeDeltas: samples.map(() => 200_000),
  };
}

test('self times of all threads of an entry are added up, and idle time is not work', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'liendesk-profiles-'));
  const frames: [string, string, number][] = [
    ['(idle)', '', -1],
    ['', 'file:///project/src-relay/main.ts', 0],
    ['fold', 'file:///project/shared/fold.ts', 9],
    ['send', 'file:///elsewhere/node_modules/ws/lib/sender.js', 4],
  ];
  writeFileSync(path.join(folder, 'a.cpuprofile'), JSON.stringify(profile(frames, [0, 0, 1, 2, 2, 3])));
  writeFileSync(path.join(folder, 'b.cpuprofile'), JSON.stringify(profile(frames, [2])));
  const [relay, ...others] = summarizeProfiles(folder, '/project');
  rmSync(folder, { recursive: true });
  expect(others).toEqual([]);
  expect(relay).toMatchObject({ entry: 'src-relay/main.ts', threads: 2, busyMs: 1000 });
  expect(relay!.functions).toEqual([
    { place: 'fold shared/fold.ts:10', ms: 600 },
    { place: '(anonymous) src-relay/main.ts:1', ms: 200 },
    { place: 'send node_modules/ws/lib/sender.js:5', ms: 200 },
  ]);
  expect(renderProfiles([relay!])).toContain(' 60.0 %     600 ms  fold shared/fold.ts:10');
});

test('what runs from a bundle is told by the source it came from', () => {
  const project = mkdtempSync(path.join(tmpdir(), 'liendesk-profiles-'));
  const bundle = path.join(project, 'dist/core/core.js');
  mkdirSync(path.dirname(bundle), { recursive: true });
  const lines = ['import fs from "node:fs";', '// shared/fold.ts', 'function fold() {}'];
  writeFileSync(bundle, [...lines, '// src-main/core/main.ts', 'fold();'].join('\n'));
  const frames: [string, string, number][] = [
    ['fold', `file://${bundle}`, 2],
    ['', `file://${bundle}`, 4],
    ['import', `file://${bundle}`, 0],
  ];
  writeFileSync(path.join(project, 'a.cpuprofile'), JSON.stringify(profile(frames, [0, 0, 1, 2])));
  const [core] = summarizeProfiles(project, project);
  rmSync(project, { recursive: true });
  expect(core!.entry).toBe('src-main/core/main.ts');
  expect(core!.functions.map(({ place }) => place)).toEqual([
    'fold shared/fold.ts',
    '(anonymous) src-main/core/main.ts',
    'import dist/core/core.js:1',
  ]);
});
