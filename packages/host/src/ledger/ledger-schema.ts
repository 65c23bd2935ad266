import type { DatabaseSync } from 'node:sqlite';

// `branches.job` is no reference: the job's end comes later, or never.
const tables = `
CREATE TABLE deliveries (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, project TEXT NOT NULL, forge TEXT NOT NULL,
  delivery TEXT, event TEXT, source TEXT NOT NULL, status INTEGER, outcome TEXT NOT NULL, reason TEXT, failure TEXT,
  ms INTEGER NOT NULL
) STRICT;
CREATE INDEX deliveries_at ON deliveries (at);
CREATE INDEX deliveries_project ON deliveries (project);

CREATE TABLE branches (
  seq INTEGER NOT NULL REFERENCES deliveries (seq) ON DELETE CASCADE,
  project TEXT NOT NULL, branch TEXT, seen TEXT, job TEXT, outcome TEXT NOT NULL, reason TEXT
) STRICT;
CREATE INDEX branches_seq ON branches (seq);
CREATE INDEX branches_name ON branches (project, branch, seen);

CREATE TABLE jobs (job TEXT PRIMARY KEY, at INTEGER NOT NULL, outcome TEXT NOT NULL, reason TEXT) STRICT, WITHOUT ROWID;
CREATE INDEX jobs_at ON jobs (at);

CREATE TABLE refusals (
  hour INTEGER NOT NULL, project TEXT NOT NULL, source TEXT NOT NULL, reason TEXT NOT NULL, status INTEGER,
  count INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  PRIMARY KEY (hour, project, source, reason)
) STRICT, WITHOUT ROWID;
`;
// `cursors`: an earlier Bough, gone back to, writes it.
const later = `
CREATE INDEX IF NOT EXISTS deliveries_delivery ON deliveries (project, delivery);
CREATE TABLE IF NOT EXISTS cursors (name TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;
const version = 1;

/** Makes the tables in a new file. A file of another version is not touched: throws. */
export function prepareLedger(database: DatabaseSync): void {
  // A power cut may take the last lines: they are evidence for people, and what is in Redis tells of those that led to a job.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;');
  const found = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (found !== 0 && found !== version)
    throw new Error(`the ledger is of version ${found}, and this Bough writes ${version}; move the file away`);
  if (found === 0) database.exec(`BEGIN; ${tables} PRAGMA user_version = ${version}; COMMIT;`);
  database.exec(later);
  // Of the same version, as an earlier Bough goes on writing it when an upgrade is taken back.
  for (const column of missingColumns(database)) database.exec(`ALTER TABLE branches ADD COLUMN ${column} TEXT`);
}

/** Lets a ledger that no receiver of this version has opened yet be read as one of this version. The file is not touched. */
export function readAsOfNow(database: DatabaseSync): void {
  const missing = missingColumns(database).map((column) => `, NULL AS ${column}`);
  if (missing.length > 0)
    database.exec(`CREATE TEMP VIEW branches AS SELECT rowid, *${missing.join('')} FROM main.branches`);
}

/** Of the columns that came later, those the file has not. */
function missingColumns(database: DatabaseSync): string[] {
  const found = database.prepare(`SELECT name FROM pragma_table_info('branches')`).all();
  return ['own', 'deleted'].filter((column) => !found.some(({ name }) => name === column));
}
