/** Strings that JSON only puts between quotes: names of fields, ids, most words. */
const PLAIN = /^[\w .:/@+-]*$/;
const MANY_KEYS = 40;

/** JSON with the keys of every object in order, so that equal values have equal texts. @param value of JSON alone */
export function canonicalJson(value: unknown): string {
  // Commands are written in order, or nearly so, and what writes JSON by itself is quicker than all of this.
  return isInOrder(value) ? (JSON.stringify(value) ?? 'null') : orderedJson(value);
}

function orderedJson(value: unknown): string {
  if (typeof value === 'string') return PLAIN.test(value) ? `"${value}"` : JSON.stringify(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) text += text === '' ? orderedJson(item) : `,${orderedJson(item)}`;
    return `[${text}]`;
  }
  const record = value as Record<string, unknown>;
  for (const key of inOrder(Object.keys(record))) {
    const field = record[key];
    if (field === undefined) continue;
    text += `${text === '' ? '' : ','}${PLAIN.test(key) ? `"${key}"` : JSON.stringify(key)}:${orderedJson(field)}`;
  }
  return `{${text}}`;
}

/** Whether the keys of each object are in order already. */
function isInOrder(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) if (!isInOrder(item)) return false;
    return true;
  }
  const keys = Object.keys(value);
  for (let index = 1; index < keys.length; index += 1) if (keys[index - 1]! >= keys[index]!) return false;
  for (const key of keys) if (!isInOrder((value as Record<string, unknown>)[key])) return false;
  return true;
}

/** By UTF-16 units, as `sort` does it, which takes longer for as few as the fields of an object. */
function inOrder(keys: string[]): string[] {
  if (keys.length > MANY_KEYS) return keys.sort();
  for (let index = 1; index < keys.length; index += 1) {
    const key = keys[index]!;
    let place = index;
    for (; place > 0 && keys[place - 1]! > key; place -= 1) keys[place] = keys[place - 1]!;
    keys[place] = key;
  }
  return keys;
}
