import { execFileSync } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from './settings.ts';

const environment = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  ...Object.fromEntries(
    ['AUTHOR', 'COMMITTER'].flatMap((who) => [
      [`GIT_${who}_NAME`, 'Scenario'],
      [`GIT_${who}_EMAIL`, 'scenario@example.org'],
    ]),
  ),
};
const git = (cwd: string, ...words: string[]) =>
  execFileSync('git', words, { cwd, env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

/** The forge of the scenario: a bare repository, and a checkout beside it to commit in. */
export function openForge({ repository, webhook, secretFile }: Settings) {
  const checkout = `${repository}.checkout`;

  /** Tells Bough of a branch's new head, or with `null` of its end, signed as GitHub does. */
  async function tell(branch: string, commit: string | null): Promise<void> {
    const message = commit === null ? null : git(checkout, 'log', '-1', '--format=%s', commit);
    const body = JSON.stringify({
      ref: `refs/heads/${branch}`,
      before: '1'.repeat(40),
      after: commit ?? '0'.repeat(40),
      created: false,
      deleted: commit === null,
      forced: false,
      head_commit: commit === null ? null : { id: commit, message },
    });
    const signature = createHmac('sha256', readFileSync(secretFile, 'utf8').trim()).update(body).digest('hex');
    const response = await fetch(webhook, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'x-github-event': 'push',
        'x-github-delivery': randomUUID(),
        'x-hub-signature-256': `sha256=${signature}`,
      },
    });
    if (response.status !== 202) throw new Error(`the receiver answered ${response.status}: ${await response.text()}`);
  }

  return {
    create(): void {
      for (const path of [repository, checkout]) rmSync(path, { recursive: true, force: true });
      mkdirSync(checkout, { recursive: true });
      git(checkout, 'init', '--quiet', '--bare', '--initial-branch=main', repository);
      git(checkout, 'init', '--quiet', '--initial-branch=main');
    },

    /** Commits these files as all there is of a branch, and pushes; the forge tells nobody. */
    commit(branch: string, files: Record<string, string>, message: string): string {
      git(checkout, 'checkout', '--quiet', '-B', branch);
      for (const [name, text] of Object.entries(files)) writeFileSync(join(checkout, name), text);
      git(checkout, 'add', '--all');
      git(checkout, 'commit', '--quiet', '--message', message);
      git(checkout, 'push', '--quiet', '--force', repository, branch);
      return git(checkout, 'rev-parse', 'HEAD');
    },

    async push(branch: string, files: Record<string, string>, message: string): Promise<void> {
      await tell(branch, this.commit(branch, files, message));
    },

    async remove(branch: string): Promise<void> {
      git(checkout, 'push', '--quiet', repository, `:${branch}`);
      await tell(branch, null);
    },
  };
}
