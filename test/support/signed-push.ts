import { createHash, createHmac } from 'node:crypto';

/** A push as GitHub sends it over the wire, signed. */
export interface SignedPush {
  readonly path: string;
  readonly secret: string;
  readonly delivery: string;
  readonly branch: string;
  /** Length of the body in bytes. */
  readonly bytes: number;
}

/** The whole HTTP request of one push, with a body of just that length, made of files a commit touched. */
export function signedPush({ path, secret, delivery, branch, bytes }: SignedPush): Buffer {
  const commit = createHash('sha1').update(delivery).digest('hex');
  const body = (files: readonly string[]) =>
    JSON.stringify({
      ref: `refs/heads/${branch}`,
      before: '1'.repeat(40),
      after: commit,
      created: true,
      deleted: false,
      forced: false,
      head_commit: { id: commit, message: 'one of many' },
      commits: [{ id: commit, message: 'one of many', added: files, modified: [], removed: [] }],
    });
  const files: string[] = [];
  let length = body([]).length;
  const around = () => (files.length === 0 ? 2 : 3); // quotes, and a comma
  while (length + 60 < bytes) {
    const file = `src/of/the/project/file-${files.length}.ts`;
    length += around() + file.length;
    files.push(file);
  }
  files.push('x'.repeat(Math.max(1, bytes - length - around())));
  const text = body(files);
  const head = [
    `POST ${path} HTTP/1.1`,
    'host: 127.0.0.1',
    'user-agent: GitHub-Hookshot/1',
    'content-type: application/json',
    `content-length: ${text.length}`,
    'x-github-event: push',
    `x-github-delivery: ${delivery}`,
    `x-hub-signature-256: sha256=${createHmac('sha256', secret).update(text).digest('hex')}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${text}`);
}
