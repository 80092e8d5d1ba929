/** A moment in full, and how long ago: `thứ sáu, 21 tháng 11, 2026 lúc 14:05`. For tooltips and screen readers. */
export function formatFull(at: number, language: string): string {
  return formatOf(language).format(at);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(language: string): Intl.DateTimeFormat {
  let found = formats.get(language);
  if (found === undefined) {
    const locale = language === 'en' ? 'en-GB' : 'vi-VN';
    found = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'short' });
    formats.set(language, found);
  }
  return found;
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** `5 phút trước`, `hôm qua`, in whole units that have passed; empty for less than a minute. */
export function formatAgo(at: number, language: string, now: number): string {
  for (const [unit, length] of UNITS) {
    const count = Math.trunc((at - now) / length);
    if (Math.abs(count) >= 1) return relativeOf(language).format(count, unit);
  }
  return '';
}

const relatives = new Map<string, Intl.RelativeTimeFormat>();

function relativeOf(language: string): Intl.RelativeTimeFormat {
  let found = relatives.get(language);
  if (found === undefined) {
    found = new Intl.RelativeTimeFormat(language === 'en' ? 'en' : 'vi', { numeric: 'auto' });
    relatives.set(language, found);
  }
  return found;
}
