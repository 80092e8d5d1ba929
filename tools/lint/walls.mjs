/**
 * Who may import whom, as in docs/architecture.md. A file belongs to the entry with the longest `from` that holds
 * it, and may import only what that entry names: its own folder is not implied. A place is a file, or a folder with
 * all below it. To add a folder, add its line here.
 */
export const walls = [
  // shared: pure, so neither Node, nor a DOM, nor any package but the schema library.
  flat('shared', ['shared/errors.ts', 'shared/primitives'], ['zod']),
  wall('shared/primitives', ['shared/primitives'], ['zod']),
  wall('shared/errors.ts', ['shared/primitives'], ['zod']),
  wall('shared/domain', ['shared/domain', 'shared/errors.ts', 'shared/primitives'], ['zod']),
  ...['relay-protocol', 'core-api', 'widget-api'].map((contract) =>
    wall(
      `shared/${contract}`,
      [`shared/${contract}`, 'shared/domain', 'shared/errors.ts', 'shared/primitives'],
      ['zod'],
    ),
  ),

  // A host carries the core's frames without knowing what they mean.
  wall(
    'shared/host-api',
    ['shared/host-api', 'shared/core-api/port.ts', 'shared/domain', 'shared/errors.ts', 'shared/primitives'],
    ['zod'],
  ),
  wall(
    'shared/admin-api',
    [
      'shared/admin-api',
      'shared/domain',
      'shared/errors.ts',
      'shared/primitives',
      'shared/relay-protocol',
      'shared/widget-api',
    ],
    ['zod'],
  ),

  // The relay. Its top level wires the parts; a part sees the event log and itself.
  flat('src-relay', ['src-relay', 'shared'], 'server'),
  wall('src-relay/event-log', ['src-relay/event-log', 'shared'], 'server'),
  wall('src-relay/channels', ['src-relay/channels', 'shared'], 'server'),
  wall(
    'src-relay/delivery',
    ['src-relay/delivery', 'src-relay/event-log', 'src-relay/channels/channel.ts', 'shared'],
    'server',
  ),
  wall('src-relay/desk', ['src-relay/desk', 'src-relay/event-log', 'shared'], 'server'),
  wall('src-relay/metrics', ['src-relay/metrics', 'src-relay/event-log', 'shared'], 'server'),
  wall('src-relay/gateway', ['src-relay/gateway', 'src-relay/event-log', 'shared'], 'server'),
  wall('src-relay/http', ['src-relay/http', 'shared'], 'server'),
  wall('src-relay/auth', ['src-relay/auth', 'src-relay/http', 'src-relay/event-log', 'shared'], 'server'),
  wall('src-relay/backup', ['src-relay/backup', 'src-relay/event-log', 'shared'], 'server'),
  wall('src-relay/files', ['src-relay/files', 'src-relay/http', 'src-relay/event-log', 'shared'], 'server'),
  wall(
    'src-relay/admin',
    ['src-relay/admin', 'src-relay/auth', 'src-relay/http', 'src-relay/event-log', 'shared'],
    'server',
  ),

  // The core, the same in every host.
  flat('src-main/core', ['src-main/core', 'shared'], 'server'),
  wall(
    'src-main/core/features',
    ['src-main/core/features', 'src-main/core/cache', 'src-main/core/outbox', 'src-main/core/search', 'shared'],
    'server',
  ),
  wall('src-main/core/sync', ['src-main/core/sync', 'src-main/core/cache', 'src-main/core/outbox', 'shared'], 'server'),
  // Workers have entries of their own, which put together what they run.
  wall(
    'src-main/core/worker',
    [
      'src-main/core/worker',
      'src-main/core/cache',
      'src-main/core/features/view-queries.ts',
      'src-main/core/encrypted-database.ts',
      'shared',
    ],
    'server',
  ),
  ...['cache', 'outbox', 'search'].map((part) =>
    wall(`src-main/core/${part}`, [`src-main/core/${part}`, 'src-main/core/disk-room.ts', 'shared'], 'server'),
  ),

  // Hosts see the core by its one entry, and never each other.
  wall(
    'src-main/host-electron',
    ['src-main/host-electron', 'src-main/core/agent-core.ts', 'src-main/core/durable-file.ts', 'shared'],
    'electron',
  ),
  // Hosts without a keychain keep the keys in a file; the headless one runs the core in its own process.
  wall('src-main/host-loopback', ['src-main/host-loopback', 'src-main/core/local-keys.ts', 'shared'], 'server'),
  wall(
    'src-main/host-headless',
    [
      'src-main/host-headless',
      'src-main/core/agent-core.ts',
      'src-main/core/local-keys.ts',
      'src-main/core/system-clock.ts',
      'shared',
    ],
    'server',
  ),

  // What runs in a window or in a customer's browser.
  wall(
    'src-renderer',
    [
      'src-renderer',
      'assets',
      'shared/domain',
      'shared/core-api',
      'shared/host-api',
      'shared/errors.ts',
      'shared/primitives',
    ],
    [
      '@radix-ui',
      '@rrweb',
      '@tanstack',
      'i18next',
      'lucide-react',
      'radix-ui',
      'react',
      'react-dom',
      'react-i18next',
      'zod',
      'zustand',
    ],
  ),
  wall('src-widget', ['src-widget', 'shared'], ['@rrweb', 'preact', 'socket.io-client', 'zod']),

  // The command line also restores backups, where no relay runs yet.
  wall(
    'tools/liendesk',
    [
      'tools/liendesk',
      'tools/processes',
      'tools/start/user-data-folder.ts',
      'shared',
      'src-relay/backup',
      'src-relay/data-folder.ts',
      'src-relay/system-clock.ts',
    ],
    'server',
  ),
  wall(
    'tools',
    ['tools', 'shared', 'src-main/core/agent-core.ts', 'src-widget/client', 'src-widget/client.ts', 'assets'],
    'server',
  ),
];

/** Packages that have no place in a process without a window, and development tools anywhere in the product. */
const notOnServers = [
  '@playwright',
  '@radix-ui',
  '@tanstack',
  '@testing-library',
  'fast-check',
  'i18next',
  'jsdom',
  'lucide-react',
  'preact',
  'radix-ui',
  'react',
  'react-dom',
  'react-i18next',
  'vite',
  'vitest',
  'zustand',
];

/** @param packages names or scopes that may be imported, or `server` / `electron`: Node and all but `notOnServers`. */
function wall(from, to, packages) {
  return { from, to, packages };
}

/** A wall for the files directly in `from`; a folder in it needs a line of its own. */
function flat(from, to, packages) {
  return { ...wall(from, to, packages), isFlat: true };
}

/** Tests and benchmarks may import anything; build configuration is not part of the product. */
export function isBeyondWalls(file) {
  return /^(tests|bench)\//.test(file) || /\.test\.tsx?$/.test(file) || file.endsWith('.config.ts');
}

export function wallOf(file) {
  return walls.filter((one) => holds(one.from, file)).sort((a, b) => b.from.length - a.from.length)[0];
}

/** Whether the file lies in a folder that nobody has decided about yet. */
export function isUndecided(file) {
  if (!/^(shared|src-[a-z]+|tools)\//.test(file)) return false;
  const one = wallOf(file);
  return one === undefined || (one.isFlat === true && file.slice(one.from.length + 1).includes('/'));
}

export function isPlaceAllowed(one, place) {
  return one.to.some((allowed) => holds(allowed, place));
}

export function isPackageAllowed(one, specifier, isBuiltin) {
  const [first, second] = specifier.split('/');
  const name = first.startsWith('@') ? `${first}/${second}` : first;
  if (typeof one.packages !== 'string')
    return !isBuiltin && (one.packages.includes(first) || one.packages.includes(name));
  if (first === 'electron') return one.packages === 'electron';
  return isBuiltin || !(notOnServers.includes(first) || notOnServers.includes(name));
}

function holds(place, file) {
  return file === place || file.startsWith(`${place}/`);
}
