import path from 'node:path';
import { expect, test } from 'vitest';
import { type RelayOptions, readRelayOptions } from './relay-options.ts';

function read(args: string[], env: NodeJS.ProcessEnv = {}, platform: NodeJS.Platform = 'linux'): RelayOptions {
  const options = readRelayOptions({ args, env, platform, homeFolder: '/people/lan' });
  if (options === 'help') throw new Error('help');
  return options;
}

test('without anything said it listens on 4600 of this machine', () => {
  expect(read([])).toEqual({
    port: 4600,
    host: '127.0.0.1',
    dataFolder: path.resolve('/people/lan/.local/share/Liendesk/relay'),
    publicUrl: null,
    tls: null,
    trustedProxies: [],
    metricsToken: null,
    logLevel: 'info',
  });
});

test('the data folder is where the platform keeps a user’s data', () => {
  const folders = [
    read([], { XDG_DATA_HOME: '/data' }),
    read([], {}, 'darwin'),
    read([], { APPDATA: '/roaming' }, 'win32'),
  ].map(({ dataFolder }) => dataFolder);
  const expected = [
    '/data/Liendesk/relay',
    '/people/lan/Library/Application Support/Liendesk/relay',
    '/roaming/Liendesk/relay',
  ];
  expect(folders).toEqual(expected.map((folder) => path.resolve(folder)));
});

test('flags win over the environment, and an empty variable is none', () => {
  const env = { LIENDESK_PORT: '5000', LIENDESK_HOST: '', LIENDESK_PUBLIC_URL: 'https://a.example.org/' };
  expect(read(['--port', '0'], env)).toMatchObject({ port: 0, host: '127.0.0.1', publicUrl: 'https://a.example.org' });
  expect([read([], env).port, read(['--port', '']).port]).toEqual([5000, 4600]);
  expect(read(['--trusted-proxy', '10.0.0.1, 10.1.0.0/16,']).trustedProxies).toEqual(['10.0.0.1', '10.1.0.0/16']);
  expect(read(['--tls-cert', 'c', '--tls-key', 'k']).tls).toEqual({ certFile: 'c', keyFile: 'k' });
});

test('what makes no sense is refused in words', () => {
  const cases: [string[], RegExp][] = [
    [['--port', '65536'], /from 0 to 65535/],
    [['--port', '-1'], /--port/],
    [['--public-url', 'shop.example.org'], /such as https/],
    [['--public-url', 'https://shop.example.org/path'], /such as https/],
    [['--tls-key', 'k'], /belong together/],
    [['--log-level', 'loud'], /one of trace/],
    [['--database-url', 'postgres://x'], /not built yet/],
    [['extra'], /Unexpected argument/],
  ];
  for (const [args, message] of cases) expect(() => read(args), args.join(' ')).toThrow(message);
  expect(readRelayOptions({ args: ['--help'], env: {}, platform: 'linux', homeFolder: '/' })).toBe('help');
});
