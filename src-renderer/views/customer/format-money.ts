/** Currencies whose smallest unit in use is the unit itself. */
const WITHOUT_CENTS = new Set(['VND', 'JPY', 'KRW']);

/** A total in its smallest unit as the shop's people write it: `389.000 ₫`. Always by Vietnamese rules for đồng. */
export function formatMoney(total: number, currency: string, language: string): string {
  const hasCents = !WITHOUT_CENTS.has(currency);
  const locale = currency === 'VND' || language !== 'en' ? 'vi-VN' : 'en-GB';
  try {
    const format = new Intl.NumberFormat(locale, {
      style: 'currency',
      currency,
      maximumFractionDigits: hasCents ? 2 : 0,
      minimumFractionDigits: 0,
    });
    return format.format(hasCents ? total / 100 : total);
  } catch {
    // A code that is no currency.
    return `${total} ${currency}`;
  }
}
