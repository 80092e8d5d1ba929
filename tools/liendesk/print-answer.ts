/** An answer of the relay for people: lists as tables, the rest as lines. */
export function printAnswer(answer: unknown): string {
  const lines: string[] = [];
  describe(answer, '', lines);
  return `${lines.join('\n')}\n`;
}

function describe(value: unknown, name: string, lines: string[]): void {
  if (isRecord(value)) {
    // A list that is all there is needs no name.
    const inner = Object.entries(value);
    const [only] = inner;
    if (name === '' && inner.length === 1 && Array.isArray(only?.[1])) lines.push(...table(only[1]));
    else for (const [field, one] of inner) describe(one, name === '' ? field : `${name}.${field}`, lines);
  } else lines.push(`${name}: ${timeOrCell(name, value)}`);
}

function table(rows: unknown[]): string[] {
  if (!rows.every(isRecord)) return rows.map(cellOf);
  if (rows.length === 0) return ['(none)'];
  const columns = Object.keys(rows[0]!).filter((column) => !rows.some((row) => isRecord(row[column])));
  const cells = [columns, ...rows.map((row) => columns.map((column) => timeOrCell(column, row[column])))];
  const widths = columns.map((_column, index) => Math.max(...cells.map((line) => [...line[index]!].length)));
  return cells.map((line) =>
    line
      .map((cell, index) => padded(cell, widths[index]!))
      .join('  ')
      .trimEnd(),
  );
}

function timeOrCell(field: string, value: unknown): string {
  return field.endsWith('At') && typeof value === 'number' ? new Date(value).toISOString() : cellOf(value);
}

function padded(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - [...cell].length));
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (Array.isArray(value) && value.every((one) => !isRecord(one))) return value.join(',') || '-';
  if (typeof value === 'object') return JSON.stringify(value);
  // A name with control characters must not drive the terminal.
  return String(value).replace(/[\p{Cc}\p{Bidi_Control}]/gu, ' ');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
