import type { Limit } from '../benchmark.ts';
import type { MeasuredPart } from './measure-rounds.ts';

const HEADINGS = ['benchmark', 'ours', 'reference', 'ratio (range)', 'must', 'aim', 'must met', 'to the aim'];

/** The results as a Markdown table, the distance to what was aimed at in its last column. */
export function renderTable(measured: readonly MeasuredPart[]): string {
  const rows = measured.map((one) => {
    const { result, ratioRange, part } = one;
    return [
      result.name,
      figure(result.ours, result.unit),
      figure(result.reference, result.unit),
      `${digits(result.ratio)} (${digits(ratioRange[0])}–${digits(ratioRange[1])})`,
      limitText(part.must, result.unit),
      limitText(part.aim, result.unit),
      excess(part.must, one) <= 1 ? 'yes' : '**no**',
      distance(excess(part.aim, one)),
    ];
  });
  const widths = HEADINGS.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(HEADINGS), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** How many times the allowed value was reached: 1 or less when the limit is kept. */
function excess(limit: Limit, { result }: MeasuredPart): number {
  return Math.max(
    limit.ratio === undefined ? 0 : result.ratio / limit.ratio,
    limit.ours === undefined ? 0 : result.ours / limit.ours,
  );
}

function distance(times: number): string {
  return times <= 1 ? 'reached' : `${digits(times)}× too much`;
}

function limitText({ ratio, ours }: Limit, unit: string): string {
  const texts = [ratio === undefined ? '' : `≤ ${ratio}×`, ours === undefined ? '' : `≤ ${ours} ${unit}`];
  return texts.filter((text) => text !== '').join(', ');
}

function figure(value: number, unit: string): string {
  return `${digits(value)} ${unit}`;
}

/** Three significant digits, and no exponent. */
function digits(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
