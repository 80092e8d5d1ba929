import path from 'node:path';
import { parseArgs } from 'node:util';
import type { AdminRoute } from '../../shared/admin-api/admin-route.ts';
import { listAdminRoutes } from '../../shared/admin-api/admin-routes.ts';
import { MAX_IMPORT_ROWS } from '../../shared/admin-api/import-rows.ts';
import { AppError, toErrorBody } from '../../shared/errors.ts';
import { type RelayAccess, type RouteInput, callRelay } from './call-relay.ts';
import { folderVerbs } from './folder-verbs.ts';
import { type Verb, helpText, verbOfRoute } from './help-text.ts';
import { printAnswer } from './print-answer.ts';
import { reachRelay } from './reach-relay.ts';
import { type FileProblem, cannedReplyFiles, customerFiles, readImportFile } from './read-import-file.ts';
import { type Flag, flagsOf, parseOption, readNamedFile, valueOf } from './route-flags.ts';
import { UsageError } from './usage-error.ts';

const SHOWN_PROBLEMS = 20;

const EVERYWHERE = {
  'data-dir': { type: 'string' },
  relay: { type: 'string' },
  token: { type: 'string' },
  'public-url': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const FILE_FLAGS: Verb['flags'] = [
  flagForHelp('file', 'text', 'CSV or JSON; - reads stdin'),
  flagForHelp('partial', 'boolean', 'imports the rows that fit, although others do not'),
];

export interface Surroundings {
  args: string[];
  env: NodeJS.ProcessEnv;
  /** Paths that are typed begin here. */
  workingFolder: string;
  /** Of the relay, unless another is named. */
  defaultDataDir: string;
  stdout(text: string): void;
  stderr(text: string): void;
}

/** Runs one command. @returns the exit code: 0 done, 1 refused or failed, 2 typed wrongly */
export async function runCommandLine(surroundings: Surroundings): Promise<number> {
  const isJson = surroundings.args.includes('--json');
  try {
    const answer = await run(surroundings);
    surroundings.stdout(
      typeof answer === 'string' ? answer : isJson ? `${JSON.stringify(answer)}\n` : printAnswer(answer),
    );
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      surroundings.stderr(`liendesk: ${error.message}\n`);
      return 2;
    }
    if (!(error instanceof AppError)) throw error;
    if (isJson) surroundings.stdout(`${JSON.stringify({ error: toErrorBody(error, 'relay') })}\n`);
    surroundings.stderr(`liendesk: ${error.message}\n`);
    return 1;
  }
}

/** @returns what to print: an object as an answer, text as it is */
async function run(surroundings: Surroundings): Promise<unknown> {
  const { noun, verb, rest } = splitCommand(surroundings.args);
  const routes = listAdminRoutes();
  const route = routes.find((one) => one.noun === noun && one.verb === verb);
  const folderVerb = folderVerbs.find((one) => one.noun === noun && one.verb === verb);
  const isHelp = surroundings.args.some((one) => one === '--help' || one === '-h');
  if (isHelp || noun === undefined) {
    const verbs = [...routes.map(describeRoute), ...folderVerbs];
    return helpText(verbs, { ...(noun === undefined ? {} : { noun }), ...(verb === undefined ? {} : { verb }) });
  }
  if (route === undefined && folderVerb === undefined) {
    const known = [...routes, ...folderVerbs].filter((one) => one.noun === noun).map((one) => one.verb);
    const nouns = [...new Set([...routes, ...folderVerbs].map((one) => one.noun))];
    throw new UsageError(
      known.length === 0
        ? `there is no "${noun}"; there are ${nouns.join(', ')}. --help lists all commands.`
        : `"${noun}" takes ${[...new Set(known)].join(', ')}. "liendesk ${noun} --help" explains them.`,
    );
  }
  const flags = route === undefined ? [] : flagsOf(route);
  const { values, operands } = parseTyped(rest, flags, route !== undefined && isImport(route));
  const which = whichRelay(surroundings, values);
  if (folderVerb !== undefined) {
    const [folder] = operands;
    if (folder === undefined) throw new UsageError(`name the backup: backup ${folderVerb.verb} FOLDER.`);
    return folderVerb.run(path.resolve(surroundings.workingFolder, folder), which.dataDir);
  }
  return runRoute(route!, flags, values, operands, which, surroundings);
}

/** Noun and verb are the first two words; flags that every command has may come before them. */
function splitCommand(args: string[]): { noun?: string; verb?: string; rest: string[] } {
  const { tokens } = parseArgs({ args, options: EVERYWHERE, strict: false, allowPositionals: true, tokens: true });
  const [noun, verb] = tokens.filter((token) => token.kind === 'positional');
  return {
    ...(noun === undefined ? {} : { noun: noun.value }),
    ...(verb === undefined ? {} : { verb: verb.value }),
    rest: args.filter((_arg, index) => index !== noun?.index && index !== verb?.index),
  };
}

type Typed = Record<string, string | boolean | (string | boolean)[] | undefined>;

function parseTyped(args: string[], flags: Flag[], takesFile: boolean): { values: Typed; operands: string[] } {
  const options = Object.fromEntries(flags.map((flag) => [flag.name, parseOption(flag)]));
  const ofFiles = takesFile ? { file: { type: 'string' }, partial: { type: 'boolean' } } : {};
  try {
    const { values, positionals } = parseArgs({
      args,
      options: { ...options, ...ofFiles, ...EVERYWHERE } as NonNullable<
        Parameters<typeof parseArgs>[0]
      >['options'] & {},
      allowPositionals: true,
      allowNegative: true,
    });
    return { values, operands: positionals };
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}. --help explains the flags.`);
  }
}

function whichRelay({ env, workingFolder, defaultDataDir }: Surroundings, values: Typed) {
  const setting = (flag: string): string | null => {
    const typed = values[flag] ?? env[`LIENDESK_${flag.replaceAll('-', '_').toUpperCase()}`];
    return typeof typed === 'string' && typed !== '' ? typed : null;
  };
  const dataDir = setting('data-dir');
  return {
    dataDir: dataDir === null ? defaultDataDir : path.resolve(workingFolder, dataDir),
    url: setting('relay'),
    token: setting('token'),
    publicUrl: setting('public-url'),
    env,
  };
}

async function runRoute(
  route: AdminRoute,
  flags: Flag[],
  values: Typed,
  operands: string[],
  which: ReturnType<typeof whichRelay>,
  surroundings: Surroundings,
): Promise<unknown> {
  const { workingFolder } = surroundings;
  const readFile = (name: string): string => readNamedFile(name === '-' ? name : path.resolve(workingFolder, name));
  const typed = { ...values };
  const parameter = flags.find((flag) => flag.place === 'params');
  if (parameter !== undefined) typed[parameter.name] ??= operands.shift();
  if (isImport(route)) typed['file'] ??= operands.shift();
  if (operands.length > 0) throw new UsageError(`"${operands[0]}" is one word too many. --help explains the flags.`);

  const input: RouteInput = { params: {}, query: {}, body: {} };
  for (const flag of flags) {
    const value = typed[flag.name];
    if (value !== undefined)
      input[flag.place][flag.field] = valueOf(flag, value as string | boolean | string[], readFile);
    else if (flag.isRequired) throw new UsageError(`--${flag.name} is missing. --help explains the flags.`);
  }
  if (typeof input.body['to'] === 'string') input.body['to'] = path.resolve(workingFolder, input.body['to']);
  if (route.method === 'PATCH' && Object.keys(input.body).length === 0) {
    throw new UsageError('nothing to change: name what shall be different. --help lists the flags.');
  }

  const batches = isImport(route) ? readBatches(route, typed, surroundings) : null;
  const relay = await reachRelay(which);
  try {
    if (batches === null) return await callRelay(relay, route, input);
    return await importBatches(relay, route, input, batches);
  } finally {
    await relay.release();
  }
}

interface Batches {
  field: string;
  rows: unknown[][];
  skipped: number;
}

/** The whole file is read and checked before the relay hears of it. */
function readBatches(route: AdminRoute, typed: Typed, { workingFolder, stderr }: Surroundings): Batches {
  const name = typed['file'];
  if (typeof name !== 'string') throw new UsageError(`name the file: ${route.noun} import FILE.`);
  const file = name === '-' ? '-' : path.resolve(workingFolder, name);
  const isCustomers = route.noun === 'customer';
  const { rows, problems } = isCustomers
    ? readImportFile(customerFiles, file, name)
    : readImportFile(cannedReplyFiles, file, name);
  if (problems.length > 0) {
    stderr(describeProblems(problems));
    if (typed['partial'] !== true || rows.length === 0) {
      throw new AppError('invalid', `nothing was imported, because of ${problems.length} problems in ${name}.`, {
        reason: 'import-file',
        params: { problems: problems.length, first: `${problems[0]!.place}: ${problems[0]!.problem}` },
      });
    }
  }
  const batches = [];
  for (let start = 0; start < rows.length; start += MAX_IMPORT_ROWS)
    batches.push(rows.slice(start, start + MAX_IMPORT_ROWS));
  const skipped = new Set(problems.map(({ place }) => place.split(', ')[0])).size;
  return { field: isCustomers ? 'customers' : 'cannedReplies', rows: batches, skipped };
}

async function importBatches(
  relay: RelayAccess,
  route: AdminRoute,
  input: RouteInput,
  batches: Batches,
): Promise<unknown> {
  const total = { added: 0, updated: 0 };
  for (const rows of batches.rows) {
    const answer = await callRelay(relay, route, { ...input, body: { ...input.body, [batches.field]: rows } });
    const { added, updated } = answer as typeof total;
    total.added += added;
    total.updated += updated;
  }
  return batches.skipped === 0 ? total : { ...total, skipped: batches.skipped };
}

function describeProblems(problems: FileProblem[]): string {
  const shown = problems.slice(0, SHOWN_PROBLEMS).map(({ place, problem }) => `${place}: ${problem}\n`);
  const rest = problems.length - shown.length;
  return shown.join('') + (rest > 0 ? `… and ${rest} more\n` : '');
}

function describeRoute(route: AdminRoute): Verb {
  const verb = verbOfRoute(route);
  return isImport(route) ? { ...verb, operand: 'FILE', flags: [...verb.flags, ...FILE_FLAGS] } : verb;
}

function isImport(route: AdminRoute): boolean {
  return route.verb === 'import';
}

function flagForHelp(name: string, shape: Flag['shape'], explanation: string): Verb['flags'][number] {
  return { name, shape, explanation, choices: [], standard: undefined, isRequired: false, isNullable: false };
}
