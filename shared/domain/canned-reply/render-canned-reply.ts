// No two neighbours in it take the same characters: a text of spaces would be tried in every way to share them.
const VARIABLE = /\{\{\s*([\w.]+)\s*(?:\|([^}]*))?\}\}/gu;

/** What a canned reply can be filled in with. A missing value is reported, so that nobody sends `Hi {{customer.name}}`. */
export interface CannedReplyValues {
  'customer.name'?: string | undefined;
  'customer.givenName'?: string | undefined;
  'customer.phone'?: string | undefined;
  'customer.email'?: string | undefined;
  'agent.name'?: string | undefined;
  'order.number'?: string | undefined;
  'order.status'?: string | undefined;
  'order.total'?: string | undefined;
  'workspace.name'?: string | undefined;
}

/**
 * Fills `{{name}}` and `{{name | fallback}}` in `text`.
 * @returns the text, and the names that had neither value nor fallback (left in the text as `[name]`)
 */
export function renderCannedReply(text: string, values: CannedReplyValues): { text: string; missing: string[] } {
  const missing: string[] = [];
  const rendered = text.replace(VARIABLE, (_whole, name: string, otherwise: string | undefined) => {
    const fallback = otherwise?.trim();
    const value = Object.hasOwn(values, name) ? values[name as keyof CannedReplyValues] : undefined;
    if (value !== undefined && value !== '') return value;
    if (fallback !== undefined && fallback !== '') return fallback;
    if (!missing.includes(name)) missing.push(name);
    return `[${name}]`;
  });
  return { text: rendered, missing };
}
