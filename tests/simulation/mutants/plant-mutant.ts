import { registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Edit, type Mutant, editsOf } from './mutant.ts';

const projectRoot = new URL('../../../', import.meta.url);

/** @throws Error when the snippet does not occur exactly once: the list must not rot */
export function applyEdit(source: string, { file, find, replace }: Edit): string {
  const times = source.split(find).length - 1;
  if (times !== 1) throw new Error(`${file}: the snippet occurs ${times} times, not once: ${find}`);
  return source.replace(find, () => replace);
}

export function pathOf({ file }: Edit): string {
  return fileURLToPath(new URL(file, projectRoot));
}

/**
 * From now on this process loads the mutant's files with the bug in them. Nothing of the product may be loaded yet, and
 * the product has no switch for any of this.
 * @returns how many of the mutant's edits have been loaded so far
 */
export function plantMutant(mutant: Mutant): () => number {
  const waiting = new Map<string, Edit[]>();
  for (const edit of editsOf(mutant)) {
    const url = pathToFileURL(pathOf(edit)).href;
    waiting.set(url, [...(waiting.get(url) ?? []), edit]);
  }
  let planted = 0;
  registerHooks({
    load: (url, context, nextLoad) => {
      const loaded = nextLoad(url, context);
      const edits = waiting.get(url);
      if (edits === undefined) return loaded;
      let source = sourceText(loaded.source);
      for (const edit of edits) source = applyEdit(source, edit);
      planted += edits.length;
      return { ...loaded, source };
    },
  });
  return () => planted;
}

/** The hook comes before types are stripped, so this is TypeScript. */
function sourceText(source: unknown): string {
  if (typeof source === 'string') return source;
  if (source instanceof Uint8Array) return Buffer.from(source).toString('utf8');
  throw new Error('a file was loaded without its source');
}
