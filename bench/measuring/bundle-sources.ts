import { existsSync, readFileSync } from 'node:fs';

/** Over the code of each file that went into it, a bundle has a line with its path. */
const NAMES_SOURCE = /^\/\/ (\S+\.[cm]?[jt]sx?)$/u;

/** @param line from 0. @returns path in the project, or null where the file is no bundle or does not say */
export type SourceOf = (file: string, line: number) => string | null;

/**
 * Tells which source a place in a bundle is of.
 * @param isBundle of a file's absolute path
 */
export function bundleSources(isBundle: (file: string) => boolean): SourceOf {
  const known = new Map<string, (string | null)[]>();
  return (file, line) => {
    if (!isBundle(file)) return null;
    let sources = known.get(file);
    if (sources === undefined) {
      sources = existsSync(file) ? sourcesByLine(readFileSync(file, 'utf8')) : [];
      known.set(file, sources);
    }
    return sources[line] ?? null;
  };
}

function sourcesByLine(bundle: string): (string | null)[] {
  let current: string | null = null;
  return bundle.split('\n').map((line) => {
    current = NAMES_SOURCE.exec(line)?.[1] ?? current;
    return current;
  });
}
