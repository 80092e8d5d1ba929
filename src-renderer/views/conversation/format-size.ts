const KILO = 1024;

/** A number of bytes as people say it: `820 B`, `4 kB`, `1,2 MB`. */
export function formatSize(bytes: number, language: string): string {
  if (bytes < KILO) return `${bytes} B`;
  const isLarge = bytes >= KILO * KILO;
  const value = bytes / (isLarge ? KILO * KILO : KILO);
  const digits = isLarge && value < 10 ? 1 : 0;
  const number = new Intl.NumberFormat(language === 'en' ? 'en-GB' : 'vi-VN', { maximumFractionDigits: digits });
  return `${number.format(value)} ${isLarge ? 'MB' : 'kB'}`;
}
