import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { AdminRoute } from '../../shared/admin-api/admin-route.ts';
import { UsageError } from './usage-error.ts';

/** A field of a request as a flag of the command line. */
export interface Flag {
  /** Of the request. */
  field: string;
  /** Without the dashes. */
  name: string;
  place: 'params' | 'query' | 'body';
  shape: 'text' | 'number' | 'boolean' | 'list' | 'json' | 'secret';
  isNullable: boolean;
  isRequired: boolean;
  /** For `--help`. */
  explanation: string;
  choices: string[];
  standard: unknown;
}

interface JsonSchema {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
}

/** Rows come from a file, see `read-import-file.ts`. */
const FIELDS_OF_FILES = new Set(['customers', 'cannedReplies']);

/** The flags of an endpoint, from its schemas. */
export function flagsOf(route: AdminRoute): Flag[] {
  return (['params', 'query', 'body'] as const).flatMap((place) => {
    const schema = z.toJSONSchema(route[place], { io: 'input', unrepresentable: 'any' }) as JsonSchema;
    return Object.entries(schema.properties ?? {})
      .filter(([field]) => !FIELDS_OF_FILES.has(field))
      .map(([field, property]) => flagOf(field, place, property, schema.required ?? []));
  });
}

function flagOf(field: string, place: Flag['place'], schema: JsonSchema, required: string[]): Flag {
  const isNullable = schema.anyOf?.some((one) => one.type === 'null') ?? false;
  const inner = isNullable ? (schema.anyOf!.find((one) => one.type !== 'null') ?? schema) : schema;
  const isTruth = inner.type === 'boolean' || (inner.enum?.length === 2 && inner.enum.includes('true'));
  const shape = field === 'password' ? 'secret' : isTruth ? 'boolean' : shapeOf(inner);
  const name = kebabCase(field);
  const ofItems = shape === 'list' ? inner.items : inner;
  return {
    field,
    name: shape === 'secret' ? `${name}-file` : name,
    place,
    shape,
    isNullable,
    isRequired: required.includes(field),
    explanation: schema.description ?? inner.description ?? '',
    choices: isTruth ? [] : (ofItems?.enum ?? []).map(String),
    standard: schema.default,
  };
}

function shapeOf(schema: JsonSchema): Flag['shape'] {
  if (schema.type === 'integer' || schema.type === 'number') return 'number';
  if (schema.type === 'string') return 'text';
  if (schema.type === 'array' && schema.items?.type === 'string') return 'list';
  return 'json';
}

/** What `parseArgs` of Node needs to know of a flag. */
export function parseOption(flag: Flag): { type: 'string' | 'boolean'; multiple?: boolean } {
  if (flag.shape === 'boolean') return { type: 'boolean' };
  return { type: 'string', multiple: flag.shape === 'list' };
}

/**
 * The field's value from what was typed.
 * @param readFile reads a file named on the command line; `-` is stdin
 * @throws UsageError
 */
export function valueOf(flag: Flag, typed: string | boolean | string[], readFile: (name: string) => string): unknown {
  if (typeof typed === 'boolean') return flag.place === 'query' ? String(typed) : typed;
  if (Array.isArray(typed)) return typed.flatMap((one) => one.split(',')).flatMap((one) => one.trim() || []);
  if (flag.isNullable && typed === 'none') return null;
  switch (flag.shape) {
    case 'number':
      if (typed.trim() === '' || Number.isNaN(Number(typed))) {
        throw new UsageError(`--${flag.name} takes a number, not "${typed}".`);
      }
      return Number(typed);
    case 'json':
      return parseJson(flag, typed.startsWith('@') ? readFile(typed.slice(1)) : typed);
    case 'secret':
      return readFile(typed).replace(/\r?\n$/, '');
    default:
      return typed;
  }
}

function parseJson(flag: Flag, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`--${flag.name} takes JSON, or @FILE with JSON in it.`);
  }
}

/** Reads a file for a flag. @throws UsageError */
export function readNamedFile(name: string): string {
  try {
    return readFileSync(name === '-' ? 0 : name, 'utf8');
  } catch (error) {
    throw new UsageError(`${name} cannot be read: ${(error as Error).message}.`);
  }
}

function kebabCase(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
