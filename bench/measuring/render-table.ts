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
      Number.isNaN(result.ratio) ? '—' : `${digits(result.ratio)} (${digits(ratioRange[0])}–${digits(ratioRange[1])})`,
      limitText(part.must, result.unit),
      limitText(part.aim, result.unit),
      isLimit(part.must) ? (distanceTo(part.must, one) <= 1 ? 'yes' : '**no**') : '—',
      isLimit(part.aim) ? distance(distanceTo(part.aim, one)) : '—',
    ];
  });
  const widths = HEADINGS.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(HEADINGS), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** By how many times a limit is missed: 1 or less when it is kept. */
export function distanceTo(limit: Limit, { result }: MeasuredPart): number {
  const { ratio, ours, minRatio, minOurs } = limit;
  return Math.max(
    ratio === undefined ? 0 : result.ratio / ratio,
    ours === undefined ? 0 : result.ours / ours,
    minRatio === undefined ? 0 : minRatio / result.ratio,
    minOurs === undefined ? 0 : minOurs / result.ours,
  );
}

/** Some figures are there to be looked at. */
function isLimit(limit: Limit): boolean {
  return Object.keys(limit).length > 0;
}

function distance(times: number): string {
  return times <= 1 ? 'reached' : `${digits(times)}× away`;
}

/** A limit in words: `≤ 3×, ≤ 30 ms`. */
export function limitText(limit: Limit, unit: string): string {
  const { ratio, ours, minRatio, minOurs } = limit;
  const texts = [
    ratio === undefined ? '' : `≤ ${digits(ratio)}×`,
    minRatio === undefined ? '' : `≥ ${digits(minRatio)}×`,
    ours === undefined ? '' : `≤ ${ours} ${unit}`,
    minOurs === undefined ? '' : `≥ ${minOurs} ${unit}`,
  ];
  return isLimit(limit) ? texts.filter((text) => text !== '').join(', ') : '—';
}

function figure(value: number, unit: string): string {
  return Number.isNaN(value) ? '—' : `${digits(value)} ${unit}`;
}

/** Three significant digits, and no exponent. */
function digits(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
