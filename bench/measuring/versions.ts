import os from 'node:os';
import { createRequire } from 'node:module';
import BetterSqlite3 from 'better-sqlite3';

/** What the figures depend on, in one line: kind of machine, Node, SQLite, socket packages. */
export function describeVersions(): string {
  const sqlite = new BetterSqlite3(':memory:');
  const sqliteVersion = String(sqlite.prepare('SELECT sqlite_version()').pluck().get());
  sqlite.close();
  const [cpu] = os.cpus();
  return [
    `${os.cpus().length} cores${cpu === undefined ? '' : ` (${cpu.model.trim()})`}`,
    `${Math.round(os.totalmem() / 2 ** 30)} GB`,
    `${process.platform} ${process.arch}`,
    `Node ${process.version}`,
    `SQLite ${sqliteVersion}`,
    ...['better-sqlite3', 'socket.io', 'ws', 'pouchdb-core'].map((name) => `${name} ${packageVersion(name)}`),
  ].join(', ');
}

function packageVersion(name: string): string {
  const require = createRequire(import.meta.url);
  return (require(`${name}/package.json`) as { version: string }).version;
}
