import type { Database } from 'better-sqlite3';

/** Tables of a database with what is in them, SQLite's own left out. */
export function tablesOf(database: Database): string[] {
  return database
    .prepare<[], string>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )
    .pluck()
    .all();
}

/** How many rows every table has. */
export function countRows(database: Database): Record<string, number> {
  return Object.fromEntries(
    tablesOf(database).map((table) => [
      table,
      Number(database.prepare(`SELECT count(*) FROM "${table}"`).pluck().get()),
    ]),
  );
}
