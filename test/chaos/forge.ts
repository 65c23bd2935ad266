import { randomUUID } from 'node:crypto';
import { appFiles } from '../support/app-files.ts';
import type { Installation } from '../support/installation.ts';
import type { Acknowledged } from './judge-deliveries.ts';
import type { Refused } from './judge-refusals.ts';
import type { Kind } from './schedule.ts';

/** A commit, as the test made it. */
export interface Commit {
  readonly commit: string;
  readonly kind: Kind;
  /** What its app answers. */
  readonly text: string;
}

/** Whether its app can be live. */
export function isFit(commit: Pick<Commit, 'kind'> | undefined): boolean {
  return commit?.kind === 'good' || commit?.kind === 'slow';
}

/** The forge of a run: which branches there are, and what each of their commits is like. */
export type Forge = ReturnType<typeof createForge>;

/** Pushes to the repository of an installation, and tells its receiver of it like a forge that does not try again. */
export function createForge(bough: Installation, seed: number) {
  const heads = new Map<string, Commit[]>();
  const made = new Map<string, Commit>();
  const sent: { delivery: string; branch: string; commit: string | null }[] = [];
  const acknowledged: Acknowledged[] = [];
  const refused: Refused[] = [];
  let count = 0;

  async function tell(branch: string, commit: string | null): Promise<void> {
    await send({ delivery: randomUUID(), branch, commit });
  }

  async function send(one: (typeof sent)[number]): Promise<void> {
    const { delivery, branch, commit } = one;
    sent.push(one);
    const from = Date.now();
    const { status } = await bough.tell(branch, commit, delivery);
    const to = Date.now();
    if (status === 202) acknowledged.push({ delivery, branch, at: to });
    else refused.push({ branch, status, from, to });
  }

  return {
    /** The commits of each branch there is, the head last. */
    heads,
    /** Every commit that ever was. */
    made,
    /** The deliveries answered with 202. */
    acknowledged,
    /** The deliveries answered with something else, or not at all. */
    refused,

    async push(branch: string, kind: Kind, told: boolean): Promise<Commit> {
      const text = `${seed}.${count++}.${kind}`;
      const commit = { commit: await bough.repository.commit(branch, filesOf(kind, text)), kind, text };
      made.set(commit.commit, commit);
      heads.set(branch, [...(heads.get(branch) ?? []), commit]);
      if (told) await tell(branch, commit.commit);
      return commit;
    },

    /** Takes a branch back by one commit, as a force push does. */
    async rewind(branch: string, told: boolean): Promise<void> {
      const before = heads.get(branch)?.slice(0, -1) ?? [];
      const head = before.at(-1);
      if (head === undefined) return;
      await bough.repository.git('push', '--quiet', '--force', 'origin', `${head.commit}:refs/heads/${branch}`);
      heads.set(branch, before);
      if (told) await tell(branch, head.commit);
    },

    async remove(branch: string, told: boolean): Promise<void> {
      if (!heads.delete(branch)) return;
      await bough.repository.remove(branch);
      if (told) await tell(branch, null);
    },

    /** Sends one of all deliveries again, under the same id; nothing where there is none. */
    async redeliver(nth: number): Promise<void> {
      const again = sent[nth % sent.length];
      if (again !== undefined) await send(again);
    },
  };
}

function filesOf(kind: Kind, text: string): Record<string, string> {
  switch (kind) {
    case 'good':
      return appFiles({ text });
    case 'slow':
      return appFiles({ text, buildSec: 1 });
    case 'broken':
      return appFiles({ text, build: 'echo "it does not compile" >&2; exit 1' });
    case 'crashing':
      return appFiles({ text, server: `console.error(${JSON.stringify(text)}); process.exit(1);\n` });
  }
}
