/**
 * Whom an address stands for where it is counted how often somebody comes: an IPv4 address is one household, and so is
 * half an IPv6 address, below which everybody has as many as they like.
 * @param address as sockets tell it
 */
export function networkOf(address: string): string {
  const plain = address.replace(/%.*$/u, '').toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/u.exec(plain);
  if (mapped !== null) return mapped[1]!;
  if (!plain.includes(':')) return plain;
  const [head, tail] = plain.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const left = head ?? [];
  // Two zeros stand for as many as are missing; of the right half only what reaches into the left one counts.
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - tail.length);
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...(tail ?? [])].slice(0, 4);
  return `${groups.map((group) => group.replace(/^0+(?=.)/u, '')).join(':')}::/64`;
}
