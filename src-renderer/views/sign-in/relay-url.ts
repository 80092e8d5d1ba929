/**
 * A relay's address as people type it (`relay.shop.vn`, `192.168.1.10:4600`) as a URL without a path; null when it
 * is none. Without a scheme it is https, but http for addresses of this machine and of local networks.
 */
export function toRelayUrl(typed: string): string | null {
  const text = typed.trim();
  if (text === '' || /\s/.test(text)) return null;
  const isBare = !/^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  const isLocal = /^(localhost|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|\[::1\])/i.test(text);
  try {
    const url = new URL(isBare ? `${isLocal ? 'http' : 'https'}://${text}` : text);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
    return url.origin;
  } catch {
    return null;
  }
}
