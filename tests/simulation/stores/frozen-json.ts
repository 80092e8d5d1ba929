/**
 * The value as it would come back from JSON, and frozen: whoever changes what he was given, or stores what JSON would
 * lose, gets an error instead of a store that is kinder than SQLite. Nothing is copied but objects with a field that is
 * `undefined`, which JSON leaves out. What is frozen already is taken to have been here before.
 * @throws TypeError for a bigint, a function, a Date, a Map, NaN, a hole in an array …
 */
export function frozenJson<Value>(value: Value): Value {
  if (isPlain(value)) return value;
  if (typeof value !== 'object' || value === null) {
    throw new TypeError(`JSON would lose ${String(value)} (${typeof value})`);
  }
  if (Object.isFrozen(value)) return value;
  return (Array.isArray(value) ? frozenArray(value) : frozenObject(value as Record<string, unknown>)) as Value;
}

/** What JSON has as it is, and nobody can change. */
function isPlain(value: unknown): boolean {
  return (
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    value === null ||
    (typeof value === 'number' && Number.isFinite(value))
  );
}

function frozenArray(array: unknown[]): readonly unknown[] {
  let copy: unknown[] | null = null;
  for (let index = 0; index < array.length; index += 1) {
    const clean = frozenJson(array[index]);
    if (clean === array[index]) continue;
    copy ??= [...array];
    copy[index] = clean;
  }
  return Object.freeze(copy ?? array);
}

function frozenObject(object: Record<string, unknown>): object {
  const prototype: unknown = Object.getPrototypeOf(object);
  if ((prototype !== Object.prototype && prototype !== null) || typeof object['toJSON'] === 'function') {
    throw new TypeError(`JSON would lose a ${(prototype as object).constructor.name}`);
  }
  let copy: Record<string, unknown> | null = null;
  // Nothing is inherited, and this makes no list of keys.
  for (const key in object) {
    const field = object[key];
    if (isPlain(field)) continue;
    if (field === undefined) return frozenObject(withoutUndefined(object));
    const clean = frozenJson(field);
    if (clean === field) continue;
    copy ??= { ...object };
    copy[key] = clean;
  }
  return Object.freeze(copy ?? object);
}

/** Made anew: an object from which a field is taken away is slow for ever. */
function withoutUndefined(object: Record<string, unknown>): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(object)) if (object[key] !== undefined) copy[key] = object[key];
  return copy;
}
