// The post-receive hook of the demo's repository (githooks(5)): tells Bough of each branch pushed, with the requests GitHub
// would send. What it prints, git shows to whoever pushed. It never fails: Bough's sweep finds what it could not tell.
import { execFileSync } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { slugOf } from '@bough/host/slug.ts';

const { webhook, site } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
const heads = 'refs/heads/';

for (const line of readFileSync(0, 'utf8').split('\n')) {
  const [before, after, ref] = line.split(' ');
  if (before === undefined || after === undefined || ref === undefined) continue;
  console.log(
    await announce(before, after, ref).catch(
      (error: unknown) => `Bough was not told of ${ref} (${reasonOf(error)}); it looks by itself every minute`,
    ),
  );
}

async function announce(before: string, after: string, ref: string): Promise<string> {
  const body = JSON.stringify(pushEvent(before, after, ref));
  const response = await fetch(webhook.url, {
    method: 'POST',
    body,
    headers: {
      'Content-Type': 'application/json',
      'User-Agent': 'GitHub-Hookshot/demo',
      'X-GitHub-Event': 'push',
      'X-GitHub-Delivery': randomUUID(),
      'X-Hub-Signature-256': `sha256=${createHmac('sha256', webhook.secret).update(body).digest('hex')}`,
    },
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  if (!response.ok) return `Bough answered ${response.status}: ${text}`;
  const branch = ref.slice(heads.length);
  if (!ref.startsWith(heads)) return `Bough: ${text}`;
  return isNone(after) ? `Bough takes ${branch} down` : `Bough builds ${branch}; soon at ${site}/${slugOf(branch)}/`;
}

/** https://docs.github.com/webhooks/webhook-events-and-payloads#push, the part that says what happened. */
function pushEvent(before: string, after: string, ref: string) {
  const commit = isNone(after) ? null : { id: after, message: git('log', '-1', '--format=%B', after).trim() };
  return {
    ref,
    before,
    after,
    created: isNone(before),
    deleted: isNone(after),
    forced: !isNone(before) && !isNone(after) && !isAncestor(before, after),
    head_commit: commit,
    repository: { full_name: 'demo/hello' },
  };
}

function isNone(commit: string): boolean {
  return /^0+$/.test(commit);
}

function isAncestor(older: string, newer: string): boolean {
  try {
    git('merge-base', '--is-ancestor', older, newer);
    return true;
  } catch {
    return false;
  }
}

function git(...argv: string[]): string {
  return execFileSync('git', argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
