import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type DeliveryLine, type JobLine, otherRefusals, type RefusalLine } from '@bough/core/ledger/delivery-line.ts';
import type { JoinedDelivery } from '@bough/core/ledger/joined-delivery.ts';
import { settleSwept, whyMissed, whySwept } from '@bough/core/ledger/swept.ts';
import { missed, overtaken } from '@bough/core/ledger/without-job.ts';
import { prepareLedger } from './ledger-schema.ts';
import { createOpenLines } from './open-lines.ts';
import { createTellings } from './tellings.ts';

/** Lines written together, or not at all. */
export interface LedgerBatch {
  readonly deliveries: readonly DeliveryLine[];
  readonly refusals: readonly RefusalLine[];
  readonly jobs: readonly JobLine[];
}

/** A job that has ended, and when, in ms since 1970: a job that is retried ends once more. */
export interface EndedJob {
  readonly id: string;
  readonly at: number;
}

const hourMs = 3_600_000;
const refusalsPerHour = 1_000; // beyond that they are counted together
const mostDeliveries = 500_000; // about 200 MB, whoever signs them; told in the description of `receiver.keepDeliveries`
const fromRedis = 'the receiver ended before it was written down; this is what Redis tells of it';

/** The ledger's file, for the one who writes it. Everything throws what SQLite throws; a batch that failed left nothing. */
export type LedgerWriter = ReturnType<typeof openLedgerWriter>;

/** Opens the file, and makes it where there is none. `openedAt`: nothing was noted before, in ms since 1970. */
export function openLedgerWriter(path: string, openedAt: number) {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(path, { timeout: 5_000 });
  prepareLedger(database);

  const addDelivery = database.prepare(
    `INSERT INTO deliveries (at, project, forge, delivery, event, source, status, outcome, reason, failure, ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const addBranch = database.prepare(
    'INSERT INTO branches (seq, project, branch, deleted, seen, job, own, outcome, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const addJob = database.prepare(
    `INSERT INTO jobs (job, at, outcome, reason) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET at = excluded.at, outcome = excluded.outcome, reason = excluded.reason`,
  );
  const addJobUnlessThere = database.prepare(
    'INSERT INTO jobs (job, at, outcome, reason) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const tellingsOf = createTellings(database);
  const renewBranch = database.prepare(
    'UPDATE branches SET job = :job, own = :job, reason = :reason WHERE rowid = :row',
  );
  const renewDelivery = database.prepare('UPDATE deliveries SET reason = ? WHERE seq = ?');
  const known = database.prepare(
    'SELECT seq, reason FROM deliveries WHERE project = ? AND delivery = ? ORDER BY seq DESC LIMIT 1',
  );
  const isNamed = database.prepare('SELECT 1 FROM branches WHERE seq = ? AND own = ?');
  const isOnRecord = database.prepare('SELECT 1 FROM jobs WHERE job = ? AND at = ?');
  const isCounted = database.prepare(
    'SELECT 1 FROM refusals WHERE hour = ? AND project = ? AND source = ? AND reason = ?',
  );
  const countedKinds = database.prepare('SELECT count(*) AS n FROM refusals WHERE hour = ?');
  const addRefusal = database.prepare(
    `INSERT INTO refusals (hour, project, source, reason, status, count, first, last) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET count = count + excluded.count, last = excluded.last`,
  );

  function deliver(line: DeliveryLine): void {
    const { at, project, forge, delivery, event, source, status, outcome, reason, failure, ms } = line;
    const { lastInsertRowid: seq } = addDelivery.run(
      at,
      project,
      forge,
      delivery,
      event,
      source,
      status,
      outcome,
      reason,
      failure,
      Math.round(ms),
    );
    for (const { branch, deleted = null, commit, job, own, ...each } of line.branches)
      addBranch.run(seq, project, branch, deleted, commit, job, own, each.outcome, each.reason);
  }

  function refuse(line: RefusalLine): void {
    const hour = Math.floor(line.at / hourMs);
    const isKnown = isCounted.get(hour, line.project, line.source, line.reason) !== undefined;
    const isFull = !isKnown && Number(countedKinds.get(hour)?.['n']) >= refusalsPerHour;
    const { project, source, reason, status } = isFull ? otherRefusals : line;
    addRefusal.run(hour, project, source, reason, status, line.count, line.at, line.at);
  }

  /** Whether what Redis keeps of a delivery is all there is: its line went with an earlier receiver, or with the power. */
  function isMissing({ own, at, project, delivery }: JoinedDelivery): boolean {
    const found = at < openedAt ? known.get(project, delivery) : { reason: null };
    if (found === undefined) return true;
    return found['reason'] === fromRedis && isNamed.get(Number(found['seq']), own) === undefined;
  }

  function recover(line: JoinedDelivery, outcome: string): void {
    if (!isMissing(line)) return;
    const { own, job, at, project, branch, commit, delivery } = line;
    const found = known.get(project, delivery);
    const remembered = { branch, commit, job, own, outcome, reason: null };
    if (found === undefined)
      deliver({ ...ofNoRequest, outcome, at, project, delivery, reason: fromRedis, branches: [remembered] });
    else addBranch.run(Number(found['seq']), project, branch, null, commit, job, own, outcome, null);
  }

  function recoverFromItsJob({ job, project, branch, madeFor }: JobLine): void {
    if (madeFor !== null && project !== null) recover({ own: job, job, project, branch, ...madeFor }, 'queued');
  }

  function end(line: JobLine): void {
    recoverFromItsJob(line);
    const add = line.outcome === overtaken ? addJobUnlessThere : addJob; // an end that came meanwhile says more
    add.run(line.job, line.at, line.outcome, line.reason);
    if (line.bySweep && line.commit !== null) settle(line, line.commit);
  }

  /** A commit the sweep built and no delivery told of was missed. One whose job is lost (a flushed Redis), or was refused, was found. */
  function settle(line: JobLine, commit: string): void {
    const { at, project, branch, job } = line;
    if (project === null || branch === null) return;
    const settled = settleSwept(line, tellingsOf({ project, branch, commit, job }));
    for (const each of settled.ends) {
      if (each.outcome === missed) {
        const reason = whyMissed(each.reason ?? '', line);
        renewBranch.run({ job, reason, row: each.row });
        renewDelivery.run(reason, each.seq);
      } else addJob.run(each.job, at, line.outcome, whySwept(each, line));
    }
    if (settled.missed === null) return;
    const told = { outcome: missed, reason: settled.missed };
    deliver({
      ...ofNoRequest,
      ...told,
      at,
      project,
      delivery: null,
      branches: [{ branch, commit, job, own: job, ...told }],
    });
  }

  function together(work: () => void): void {
    database.exec('BEGIN IMMEDIATE');
    try {
      work();
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }

  return {
    write: ({ deliveries, refusals, jobs }: LedgerBatch): void =>
      together(() => {
        for (const line of deliveries) deliver(line);
        for (const line of refusals) refuse(line);
        for (const line of jobs) end(line);
      }),

    /** Those of them that came before there was this writer and are not on record, but for what came before `since`. */
    missing: (joined: readonly JoinedDelivery[], since: number): JoinedDelivery[] =>
      joined.filter((each) => each.at >= since && isMissing(each)),

    /** Writes them down, the earliest first: whose follower a job is depends on their order. */
    recover: (missing: readonly JoinedDelivery[]): void =>
      together(() => {
        for (const each of missing.toSorted((a, b) => a.at - b.at)) recover(each, 'joined');
      }),

    /** Forgets what is older than `before`, in ms since 1970, and what is beyond the most that is kept. */
    prune: (before: number): void =>
      together(() => {
        database.prepare('DELETE FROM deliveries WHERE at < ?').run(before);
        database
          .prepare('DELETE FROM deliveries WHERE seq <= (SELECT max(seq) FROM deliveries) - ?')
          .run(mostDeliveries);
        database.prepare('DELETE FROM jobs WHERE at < ?').run(before);
        database.prepare('DELETE FROM refusals WHERE hour < ?').run(Math.floor(before / hourMs));
      }),

    /** Those of them whose end is not on record, but for what would be forgotten at once: what ended before `since`. */
    news(jobs: readonly EndedJob[], since: number): EndedJob[] {
      return jobs.filter(({ id, at }) => at >= since && isOnRecord.get(id, at) === undefined);
    },

    openLines: createOpenLines(database),

    /** The addresses well signed deliveries came from, the latest first. */
    sources(limit: number): string[] {
      return database
        .prepare(`SELECT source FROM deliveries WHERE source <> '' GROUP BY source ORDER BY max(seq) DESC LIMIT ?`)
        .all(limit)
        .map(({ source }) => String(source));
    },

    database,

    close(): void {
      database.close();
    },
  };
}

/** What is known of a line that no request made. */
const ofNoRequest = { forge: '', event: null, source: '', status: null, failure: null, ms: 0 };
