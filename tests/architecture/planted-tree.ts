import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface Finding {
  /** Path from the root of the tree, with forward slashes. */
  file: string;
  /** `liendesk(import-walls)` or `TS2304`. */
  rule: string;
}

const projectRoot = path.resolve(import.meta.dirname, '..', '..');

/** Makes a repository of its own out of our configuration and the given files, outside of ours. */
export function plantTree(files: Record<string, string>): string {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'liendesk-walls-')));
  const copied = ['.oxlintrc.json', 'package.json', 'tools/lint', ...findTypeScriptConfigs()];
  for (const place of copied) fs.cpSync(path.join(projectRoot, place), path.join(root, place), { recursive: true });
  fs.symlinkSync(path.join(projectRoot, 'node_modules'), path.join(root, 'node_modules'), 'junction');
  for (const [file, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), text);
  }
  return root;
}

export function removeTree(root: string): void {
  fs.rmSync(root, { recursive: true, force: true });
}

/** What oxlint reports, as errors. Warnings are left out: a wall that only warns is no wall. */
export async function findLintErrors(root: string): Promise<Finding[]> {
  const output = await run(root, path.join('oxlint', 'bin', 'oxlint'), ['--type-aware', '--format', 'json', '.']);
  const { diagnostics } = JSON.parse(output) as {
    diagnostics: { filename: string; code?: string; severity: string; message: string }[];
  };
  return diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ filename, code, message }) => ({ file: filename.replaceAll('\\', '/'), rule: code ?? message }));
}

export async function findTypeErrors(root: string): Promise<Finding[]> {
  const output = await run(root, path.join('typescript', 'bin', 'tsc'), ['-b', '--pretty', 'false']);
  return [...output.matchAll(/^(\S.*?)\(\d+,\d+\): error (TS\d+):/gm)].map(([, file = '', rule = '']) => ({
    file: file.replaceAll('\\', '/'),
    rule,
  }));
}

function findTypeScriptConfigs(): string[] {
  return fs.globSync(['tsconfig*.json', '{shared,src-*,tools,tests}/**/tsconfig*.json'], { cwd: projectRoot });
}

/** Both tools end with a code of their own when they find something; only their output counts here. */
function run(root: string, script: string, toolArguments: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [path.join(projectRoot, 'node_modules', script), ...toolArguments],
      { cwd: root, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (stdout === '' && error !== null) reject(new Error(`${script} said nothing: ${stderr}`));
        else resolve(stdout);
      },
    );
  });
}
