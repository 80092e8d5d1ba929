import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';

const projectRoot = path.resolve(import.meta.dirname, '..', '..');

function read(file: string): string {
  return fs.readFileSync(path.join(projectRoot, file), 'utf8');
}

interface Manifest {
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
}
const manifest = JSON.parse(read('package.json')) as Manifest;

describe('package.json', () => {
  test.each(Object.entries(manifest.scripts))('script %s runs in any shell', (name, command) => {
    // One program with plain words: nothing for sh or cmd.exe to read differently.
    expect(command).toBe(`node tools/launch/run.mjs ${name}`);
  });

  test('every script is known to the launcher', async () => {
    const file = pathToFileURL(path.join(projectRoot, 'tools', 'launch', 'targets.mjs')).href;
    const { targets } = (await import(file)) as { targets: Record<string, unknown> };
    expect(Object.keys(targets).toSorted()).toEqual(Object.keys(manifest.scripts).toSorted());
  });

  test('versions are exact', () => {
    const { dependencies, devDependencies, optionalDependencies } = manifest;
    const versions = Object.values({ ...dependencies, ...devDependencies, ...optionalDependencies });
    for (const version of versions) expect(version).toMatch(/^(npm:[a-z0-9-]+@)?\d+\.\d+\.\d+$/);
  });
});

describe('the lock file', () => {
  const lock = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { resolved?: string; version?: string; optional?: boolean; integrity?: string }>;
  };

  test('names no registry', () => {
    expect(Object.values(lock.packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
    expect(read('.npmrc')).not.toMatch(/registry\s*=|:\/\//);
  });

  test('has a checksum for every package', () => {
    const places = Object.keys(lock.packages).filter((place) => place !== '');
    expect(places.filter((place) => lock.packages[place]?.integrity === undefined)).toEqual([]);
  });

  test('agrees with package.json', () => {
    const { scripts: _scripts, ...wanted } = manifest;
    expect(lock.packages['']).toMatchObject({
      dependencies: wanted.dependencies,
      devDependencies: wanted.devDependencies,
      optionalDependencies: wanted.optionalDependencies,
    });
  });
});

test('the launcher imports nothing that has to be installed', () => {
  const folder = path.join(projectRoot, 'tools', 'launch');
  for (const file of fs.readdirSync(folder)) {
    const text = fs.readFileSync(path.join(folder, file), 'utf8');
    for (const [, specifier] of text.matchAll(/^import .*? from '([^']+)'/gm)) {
      expect(specifier, file).toMatch(/^(node:|\.\/)/);
    }
  }
});

/** Known to git and there. */
const listFiles = (): string[] =>
  execFileSync('git', ['ls-files', '-z'], { cwd: projectRoot, encoding: 'utf8' })
    .split('\0')
    .filter((file) => file !== '' && fs.existsSync(path.join(projectRoot, file)));

test('property tests are red again when they were: all have their examples from one seed', () => {
  const users = listFiles().filter((file) => file.endsWith('.ts') && /^import .* from 'fast-check'/mu.test(read(file)));
  expect(users).toEqual(['tests/fakes/properties.ts']);
});

test('no file of the repository names a place outside of it', () => {
  const isText = (file: string) => /\.(ts|tsx|mjs|json|yml|md|html|css)$/.test(file) || file === '.ci/run';
  const machinePath = new RegExp(['/wo' + 'rk/', '/ro' + 'ot/', '/ho' + 'me/\\w+/'].join('|'));
  const naming = listFiles().filter((file) => isText(file) && machinePath.test(read(file)));
  expect(naming).toEqual([]);
});
