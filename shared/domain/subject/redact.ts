/** For `redact` of a change: the data with these fields in the place of what was personal. */
export function replacing(fields: object): (data: unknown) => unknown {
  return (data) => ({ ...(data as object), ...fields });
}
