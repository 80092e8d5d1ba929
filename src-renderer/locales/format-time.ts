const DAY_MS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();
const unitFormats = new Map<string, Intl.NumberFormat>();

function format(at: number, language: string, options: Intl.DateTimeFormatOptions): string {
  const key = `${language}${JSON.stringify(options)}`;
  let found = formats.get(key);
  if (found === undefined) formats.set(key, (found = new Intl.DateTimeFormat(localeOf(language), options)));
  return found.format(at);
}

function localeOf(language: string): string {
  return language === 'en' ? 'en-GB' : 'vi-VN';
}

/** `14:05` */
export function formatClock(at: number, language: string): string {
  return format(at, language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}

/** `21/11/2026` */
export function formatDate(at: number, language: string): string {
  return format(at, language, { day: '2-digit', month: '2-digit', year: 'numeric' });
}

/** As short as is clear on the day of `now`: `14:05`, else `Th 6 14:05` within six days, else `21/11 14:05`. */
export function formatMoment(at: number, language: string, now: number): string {
  const clock = formatClock(at, language);
  if (isSameDay(at, now)) return clock;
  const isNear = Math.abs(at - now) < 6 * DAY_MS;
  const day = isNear
    ? format(at, language, { weekday: 'short' })
    : format(at, language, { day: '2-digit', month: '2-digit' });
  return `${day} ${clock}`;
}

export function isSameDay(one: number, other: number): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString();
}

/** A length of time in words, in one unit: `40 seconds`, `7 minutes`, `3 hours`. */
export function formatAge(durationMs: number, language: string): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1000));
  if (seconds < 60) return formatUnit(seconds, 'second', language);
  if (seconds < 3600) return formatUnit(Math.floor(seconds / 60), 'minute', language);
  if (seconds < 86_400) return formatUnit(Math.floor(seconds / 3600), 'hour', language);
  return formatUnit(Math.floor(seconds / 86_400), 'day', language);
}

function formatUnit(count: number, unit: string, language: string): string {
  const key = `${language} ${unit}`;
  const found =
    unitFormats.get(key) ?? new Intl.NumberFormat(localeOf(language), { style: 'unit', unit, unitDisplay: 'long' });
  unitFormats.set(key, found);
  return found.format(count);
}

/** A length of time in two characters or a few: `<1′`, `7′`, `3h`, `2d`; for badges. */
export function formatWait(durationMs: number, language: string): string {
  const minutes = Math.floor(Math.max(0, durationMs) / 60_000);
  if (minutes < 1) return '<1′';
  if (minutes < 60) return `${minutes}′`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return language === 'en' ? `${hours}h` : `${hours} giờ`;
  const days = Math.floor(hours / 24);
  return language === 'en' ? `${days}d` : `${days} ngày`;
}

/** A day in words: `Thứ Hai, 3 tháng 2`, with the year where that is not obvious. */
export function formatDayInWords(at: number, language: string, hasYear: boolean): string {
  const day = { weekday: 'long', day: 'numeric', month: 'long' } as const;
  return format(at, language, hasYear ? { ...day, year: 'numeric' } : day);
}
