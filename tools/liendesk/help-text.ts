import type { AdminRoute } from '../../shared/admin-api/admin-route.ts';
import { type Flag, flagsOf } from './route-flags.ts';

/** A verb of the command line: one of the admin API's, or one that works on folders. */
export interface Verb {
  noun: string;
  verb: string;
  does: string;
  /** What may be typed without a flag, such as `FILE`. */
  operand: string | null;
  flags: readonly Pick<Flag, 'name' | 'shape' | 'explanation' | 'choices' | 'standard' | 'isRequired' | 'isNullable'>[];
}

const EVERYWHERE = `Everywhere:
  --data-dir DIR   data folder of the relay (LIENDESK_DATA_DIR; default: the relay's own default)
  --relay URL      a relay elsewhere (LIENDESK_RELAY), with
  --token T        its admin token, or an administrator's access token (LIENDESK_TOKEN)
  --public-url URL address for links while no relay runs (LIENDESK_PUBLIC_URL; default: the last one)
  --json           answer as JSON
  --help           this text

A relay that runs on the data folder is asked; when none does, one is started on it for as long as the command takes.
Exit codes: 0 done, 1 refused or failed, 2 typed wrongly.
`;

/** @param chosen what was typed before `--help` */
export function helpText(verbs: readonly Verb[], chosen: { noun?: string; verb?: string }): string {
  const ofNoun = verbs.filter((one) => one.noun === chosen.noun);
  const exact = ofNoun.find((one) => one.verb === chosen.verb);
  if (exact !== undefined) return `${helpOfVerb(exact)}\n${EVERYWHERE}`;
  const listed = ofNoun.length === 0 ? verbs : ofNoun;
  const width = Math.max(...listed.map((one) => one.noun.length + one.verb.length)) + 3;
  const lines = listed.map((one) => `  ${`${one.noun} ${one.verb}`.padEnd(width)}${one.does}`);
  const noun = ofNoun.length === 0 ? 'NOUN' : chosen.noun;
  return `npm run liendesk -- ${noun} VERB [--flags]\n\n${lines.join('\n')}\n\n${EVERYWHERE}`;
}

/** A verb of the admin API, for its help. */
export function verbOfRoute(route: AdminRoute): Verb {
  const flags = flagsOf(route);
  const parameter = flags.find((flag) => flag.place === 'params');
  const { noun, verb, does } = route;
  return { noun, verb, does, operand: parameter === undefined ? null : parameter.name.toUpperCase(), flags };
}

function helpOfVerb({ noun, verb, does, operand, flags }: Verb): string {
  const head = `npm run liendesk -- ${noun} ${verb}${operand === null ? '' : ` ${operand}`} [--flags]`;
  if (flags.length === 0) return `${head}\n\n${does}\n`;
  const names = flags.map((flag) => `  --${flag.name} ${valueName(flag)}`.trimEnd());
  const width = Math.max(...names.map((name) => name.length)) + 2;
  const lines = flags.map((flag, index) => `${names[index]!.padEnd(width)}${explain(flag)}`);
  return `${head}\n\n${does}\n\n${lines.join('\n')}\n`;
}

function valueName({ shape }: Verb['flags'][number]): string {
  switch (shape) {
    case 'boolean':
      return '';
    case 'number':
      return 'N';
    case 'list':
      return 'A,B…';
    case 'json':
      return 'JSON|@FILE';
    case 'secret':
      return 'FILE';
    case 'text':
      return 'TEXT';
  }
}

function explain({
  explanation,
  choices,
  standard,
  isRequired,
  isNullable,
  shape,
  name,
}: Verb['flags'][number]): string {
  const notes = [
    ...(isRequired ? ['required'] : []),
    ...(choices.length > 0 && !explanation.includes(choices[0]!) ? [choices.join(', ')] : []),
    ...(isNullable ? ['or none'] : []),
    ...(shape === 'boolean' ? [`--no-${name} for no`] : []),
    ...(shape === 'secret' ? ['- reads stdin'] : []),
    ...(standard === undefined || standard === null || standard === 'false' || isEmptyList(standard)
      ? []
      : [`default ${JSON.stringify(standard)}`]),
  ];
  return notes.length === 0 ? explanation : `${explanation} (${notes.join('; ')})`;
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
