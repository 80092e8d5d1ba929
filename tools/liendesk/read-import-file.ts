import { readFileSync } from 'node:fs';
import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';
import {
  type CannedReplyRow,
  type CustomerRow,
  cannedReplyRowSchema,
  customerRowSchema,
} from '../../shared/admin-api/import-rows.ts';
import { AppError } from '../../shared/errors.ts';

/** One thing that is wrong with a file, by where it is. */
export interface FileProblem {
  /** Such as `orders.csv:12, column "email"` or `customers.json, row 3, field "email"`. */
  place: string;
  problem: string;
}

export interface ImportFile<Row> {
  rows: Row[];
  problems: FileProblem[];
}

interface ImportKind<Row> {
  schema: z.ZodType<Row>;
  /** Columns of the CSV form. */
  columns: readonly string[];
  /** A CSV row, without its empty cells, as the schema wants it. */
  fromCells(cells: Record<string, string>): unknown;
  /** By what two rows are the same. */
  keyOf(row: Row): string;
}

export const cannedReplyFiles: ImportKind<CannedReplyRow> = {
  schema: cannedReplyRowSchema,
  columns: ['id', 'shortcut', 'title', 'vi', 'en', 'queues'],
  fromCells: ({ vi, en, queues, ...rest }) => ({
    ...rest,
    texts: { ...(vi === undefined ? {} : { vi }), ...(en === undefined ? {} : { en }) },
    queues: listOf(queues),
  }),
  keyOf: (row) => row.shortcut,
};

const PROFILE_COLUMNS = ['name', 'givenName', 'email', 'phone', 'language', 'address', 'note'];

export const customerFiles: ImportKind<CustomerRow> = {
  schema: customerRowSchema,
  columns: ['id', 'externalId', ...PROFILE_COLUMNS, 'segments'],
  fromCells: ({ segments, ...rest }) => ({
    ...rest,
    ...(segments === undefined ? {} : { segments: listOf(segments) }),
  }),
  keyOf: (row) => row.externalId ?? row.id!,
};

/**
 * Reads a CSV or JSON file and checks every row of it.
 * @param name as it was typed, for messages
 * @throws AppError `invalid` when it cannot be read as a whole: no such file, not UTF-8, no rows, unknown columns
 */
export function readImportFile<Row>(kind: ImportKind<Row>, file: string, name: string): ImportFile<Row> {
  const text = readText(file, name);
  const candidates: Candidate[] = /^\s*[[{]/.test(text) ? fromJson(text, name) : fromCsv(kind, text, name);
  if (candidates.length === 0) throw refuse(`${name} has no rows.`);
  const problems: FileProblem[] = [];
  const rows: Row[] = [];
  const placeOfKey = new Map<string, string>();
  for (const { value, place, placeOf } of candidates) {
    const parsed = kind.schema.safeParse(value);
    if (!parsed.success) {
      for (const issue of parsed.error.issues) problems.push({ place: placeOf(issue.path), problem: issue.message });
      continue;
    }
    const key = kind.keyOf(parsed.data);
    const former = placeOfKey.get(key);
    if (former !== undefined) {
      problems.push({ place, problem: `"${key}" comes a second time, after ${former}` });
      continue;
    }
    placeOfKey.set(key, place);
    rows.push(parsed.data);
  }
  return { rows, problems };
}

interface Candidate {
  value: unknown;
  place: string;
  placeOf(path: readonly PropertyKey[]): string;
}

function fromJson(text: string, name: string): Candidate[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw refuse(`${name} is not JSON: ${(cause as Error).message}.`, cause);
  }
  const list = z.array(z.unknown()).safeParse(content);
  if (!list.success) throw refuse(`${name} must hold a list: [ {…}, {…} ].`);
  return list.data.map((value, index) => {
    const place = `${name}, row ${index + 1}`;
    return {
      value,
      place,
      placeOf: (path) => (path.length === 0 ? place : `${place}, field "${path.map(String).join('.')}"`),
    };
  });
}

function fromCsv<Row>(kind: ImportKind<Row>, text: string, name: string): Candidate[] {
  const [header, ...lines] = parseCsv(text, name);
  const columns = header?.cells ?? [];
  const unknown = columns.filter((column) => !kind.columns.includes(column));
  if (unknown.length > 0) {
    throw refuse(`${name}:1, unknown column "${unknown[0]}"; known are ${kind.columns.join(', ')}.`);
  }
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined) throw refuse(`${name}:1, the column "${twice}" comes twice.`);
  return lines.map(({ cells, line }) => {
    const place = `${name}:${line}`;
    // An empty cell says nothing, so that an import does not wipe what is known.
    const named = columns.map((column, index) => [column, cells[index] ?? ''] as const);
    return {
      value: kind.fromCells(Object.fromEntries(named.filter(([, cell]) => cell.trim() !== ''))),
      place,
      placeOf: (path) => {
        const column = path.map(String).findLast((part) => columns.includes(part)) ?? String(path[0] ?? '');
        return column === '' ? place : `${place}, column "${column}"`;
      },
    };
  });
}

function parseCsv(text: string, name: string): { cells: string[]; line: number }[] {
  let lastLine = 0;
  try {
    // The types know nothing of `info`.
    const records: unknown = parse(text, {
      delimiter: delimiterOf(text),
      info: true,
      skip_empty_lines: true,
      relax_column_count: false,
    });
    return (records as { record: string[]; info: { lines: number } }[]).map(({ record, info }) => {
      // Lines are counted to the end of a record; a quoted cell may span several.
      const line = lastLine + 1;
      lastLine = info.lines;
      return { cells: record.map((cell, index) => (index === 0 || line > 1 ? cell : cell.trim())), line };
    });
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw refuse(`${name}: ${cause.message}.`, cause);
  }
}

/** Spreadsheets write commas or, where the comma is the decimal sign, semicolons. */
function delimiterOf(text: string): string {
  const firstLine = text.slice(0, text.search(/[\r\n]|$/)).replace(/"[^"]*"/g, '');
  const counts = [',', ';', '\t'].map((delimiter) => [delimiter, firstLine.split(delimiter).length] as const);
  return counts.toSorted(([, a], [, b]) => b - a)[0]![0];
}

function readText(file: string, name: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file === '-' ? 0 : file);
  } catch (cause) {
    throw refuse(`${name} cannot be read: ${(cause as Error).message}.`, cause);
  }
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  try {
    return new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw refuse(`${name} is not UTF-8; save it as "CSV UTF-8".`, cause);
  }
}

function listOf(cell: string | undefined): string[] {
  return (cell ?? '').split(';').flatMap((part) => part.trim() || []);
}

function refuse(message: string, cause?: unknown): AppError {
  return new AppError('invalid', message, { reason: 'import-file', cause });
}
