/** How this machine reaches a server that listens on `host` (which may be "all addresses"). */
export function listeningUrl(host: string, port: number, isEncrypted: boolean): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  const name = reachable.includes(':') ? `[${reachable}]` : reachable;
  return `${isEncrypted ? 'https' : 'http'}://${name}:${port}`;
}
