import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

export interface DemoShop {
  /** Its origin, which must be among the channel's allowed origins. */
  url: string;
  close(): Promise<void>;
}

export interface DemoShopOptions {
  relayUrl: string;
  widgetKey: string;
  /** 0 takes any. */
  port: number;
  host?: string;
  /** The channel's identity secret: then customers of the shop may be signed in, vouched for by HMAC. */
  identitySecret?: string;
  accounts?: { id: string; name: string; email: string }[];
}

const folder = path.resolve(import.meta.dirname, '../../assets/demo-shop');
const FILES: Record<string, string> = {
  '/shop.css': 'text/css; charset=utf-8',
  '/shop.js': 'text/javascript; charset=utf-8',
  '/pictures.svg': 'image/svg+xml',
};

/**
 * Serves the demonstration shop, a page of another origin that embeds the web chat with a strict content policy, as a
 * careful shop's would be. @throws Error when the port is in use
 */
export async function startDemoShop(options: DemoShopOptions): Promise<DemoShop> {
  const { relayUrl, port, host = '127.0.0.1' } = options;
  const relay = new URL(relayUrl).origin;
  const server = http.createServer((request, response) => {
    answer(request.url ?? '/', { ...options, relayUrl: relay }).then(
      ({ type, content }) => {
        response.writeHead(200, {
          'content-type': type,
          'cache-control': 'no-cache',
          'x-content-type-options': 'nosniff',
          'content-security-policy': policyOf(relay),
        });
        response.end(content);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

async function answer(url: string, options: DemoShopOptions): Promise<{ type: string; content: string | Buffer }> {
  const { pathname, searchParams } = new URL(url, 'http://shop');
  if (pathname === '/accounts') {
    return { type: 'application/json', content: JSON.stringify(vouchedAccounts(options)) };
  }
  const type = FILES[pathname];
  if (type !== undefined) return { type, content: await readFile(path.join(folder, pathname)) };
  if (pathname !== '/') throw new Error('no such page');
  const page = await readFile(path.join(folder, 'index.html'), 'utf8');
  const values: Record<string, string> = {
    lang: searchParams.get('lang') === 'en' ? 'en' : 'vi',
    relay: options.relayUrl,
    key: encodeURIComponent(options.widgetKey),
  };
  return {
    type: 'text/html; charset=utf-8',
    content: page.replaceAll(/\{\{(\w+)\}\}/g, (_whole, name: string) => values[name] ?? ''),
  };
}

/** What a shop's server knows of the customers that are signed in. A real shop tells each browser only its own. */
function vouchedAccounts({ identitySecret, accounts = [] }: DemoShopOptions): object[] {
  if (identitySecret === undefined) return [];
  return accounts.map((account) => ({
    ...account,
    hash: createHmac('sha256', identitySecret).update(account.id).digest('hex'),
  }));
}

function policyOf(relay: string): string {
  return [
    `default-src 'self'`,
    `script-src 'self' ${relay}`,
    `style-src 'self'`,
    `frame-src ${relay}`,
    `connect-src 'self' ${relay}`,
    `object-src 'none'`,
    `base-uri 'none'`,
  ].join('; ');
}
