import { createHmac } from 'node:crypto';
import { headersOfCase, unproven } from './forge-deliveries.ts';
import type { ForgeCase } from './forges/forge-case.ts';
import { gitlabProof } from './forges/gitlab.ts';
import type { BodyChange, FuzzedProject, FuzzPlan, HeaderEdit } from './fuzz-plans.ts';
import type { Header } from './wire.ts';

/** One delivery, made wrong or left as it is. */
export interface Fuzzed {
  readonly project: string;
  readonly headers: readonly Header[];
  readonly body: string | Uint8Array;
  /** In about so many; `null`: whole, with its length. */
  readonly chunks: number | null;
  /** Whether these bytes come with a proof that who sent them knows the secret. */
  readonly isProven: boolean;
  /** Whether it is the one delivery that may come without a proof, if it says its length: Bitbucket Data Center's "Test connection". */
  readonly isUnsignedTest: boolean;
  /** The delivery it was made of, where nothing at all was changed. */
  readonly unchanged: ForgeCase | null;
}

/** Makes the delivery of a plan, signed as of now: a signature may be as old as five minutes. */
export function carryOut({ base, change, proof, delivery, edits, chunks, to }: FuzzPlan): Fuzzed {
  const { project, sent } = base;
  const body = bodyOf(sent.body, change);
  const signed = proof === 'other body' ? Buffer.concat([Buffer.from(body), Buffer.from(' ')]) : body;
  const secret =
    proof === 'wrong' ? 'whsec_d3Jvbmc=' : proof === 'other project' ? project.secretOfAnother : project.secret;
  const good = headersOfCase(project.forge, sent, { delivery, secret, body: signed });
  const headers = edits.reduce<Header[]>(editHeaders, Object.entries(reprove(proof, project, delivery, body, good)));
  const isUntouched = 'none' in change && proof === 'right' && edits.length === 0 && to === null;
  return {
    project: to ?? project.name,
    headers,
    body,
    chunks,
    isProven: to === null && isProven(project, headers, body),
    isUnsignedTest: to === null && chunks === null && isUnsignedTest(project, headers, body),
    unchanged: isUntouched ? sent : null,
  };
}

/** The proof made another one, where that needs more than another secret or body. */
function reprove(
  proof: FuzzPlan['proof'],
  { forge, secret }: FuzzedProject,
  delivery: string,
  body: string | Uint8Array,
  good: Record<string, string>,
): Record<string, string> {
  if (proof === 'none') return unproven(good);
  if (forge !== 'gitlab' || !secret.startsWith('whsec_')) return good;
  const now = Math.floor(Date.now() / 1000);
  const right = gitlabProof(delivery, secret, body);
  switch (proof) {
    case 'late':
      return { ...good, ...gitlabProof(delivery, secret, body, now - 600) };
    case 'early':
      return { ...good, ...gitlabProof(delivery, secret, body, now + 600) };
    case 'other id':
      return { ...good, 'webhook-id': 'another' };
    case 'among others':
      return { ...good, ...right, 'webhook-signature': `v1,${'A'.repeat(43)}= ${right['webhook-signature']}` };
    case 'as a token':
      return {
        ...gitlabProof(delivery, 'no key', body),
        'x-gitlab-token': secret,
        'x-gitlab-event': good['x-gitlab-event'] ?? '',
      };
    case 'right':
    case 'wrong':
    case 'other body':
    case 'other project':
      return good;
  }
}

/**
 * Whether just these headers prove just these bytes, reckoned anew: a header that comes twice is no proof, but for
 * GitLab's list of signatures, of which one has to be right.
 */
function isProven({ forge, secret }: FuzzedProject, headers: readonly Header[], body: string | Uint8Array): boolean {
  const all = (name: string) => valuesOf(headers, name);
  const only = (name: string) => (all(name).length === 1 ? all(name)[0] : undefined);
  const hex = createHmac('sha256', secret).update(body).digest('hex');
  switch (forge) {
    case 'github':
      return only('x-hub-signature-256') === `sha256=${hex}`;
    case 'gitea':
      return only('x-gitea-signature') === hex;
    case 'forgejo':
      return only('x-forgejo-signature') === hex;
    case 'bitbucket':
    case 'bitbucket-data-center':
      return only('x-hub-signature') === `sha256=${hex}`;
    case 'git':
      return only('x-bough-signature') === `sha256=${hex}`;
    case 'gitlab': {
      if (!secret.startsWith('whsec_'))
        return only('x-gitlab-token') === secret && all('webhook-signature').length === 0;
      const [id, time] = [only('webhook-id') ?? '', only('webhook-timestamp') ?? ''];
      const right = gitlabProof(id, secret, body, Number(time))['webhook-signature'] ?? '';
      const isNow = Math.abs(Date.now() / 1000 - Number(time)) < 310;
      return isNow && all('webhook-signature').join(', ').split(' ').includes(right); // as Node joins what comes twice
    }
  }
}

function isUnsignedTest({ forge }: FuzzedProject, headers: readonly Header[], body: string | Uint8Array): boolean {
  const isOne = valuesOf(headers, 'x-event-key').join() === 'diagnostics:ping';
  const isSigned = valuesOf(headers, 'x-hub-signature').length > 0;
  return forge === 'bitbucket-data-center' && isOne && !isSigned && Buffer.from(body).toString() === '{"test":true}';
}

const valuesOf = (headers: readonly Header[], name: string): string[] =>
  headers.filter(([one]) => one === name).map(([, value]) => value.trim());

function editHeaders(headers: Header[], edit: HeaderEdit): Header[] {
  if (edit.do === 'add') return [...headers, [edit.name, edit.text]];
  const index = headers.length === 0 ? 0 : edit.at % headers.length;
  const [name, value] = headers[index] ?? ['x', ''];
  switch (edit.do) {
    case 'replace':
      return headers.with(index, [name, edit.text]);
    case 'remove':
      return headers.toSpliced(index, 1);
    case 'behind':
      return headers.toSpliced(index + 1, 0, [name, edit.text ?? value]);
    case 'before':
      return headers.toSpliced(index, 0, [name, edit.text ?? value]);
  }
}

function bodyOf(body: unknown, change: BodyChange): string | Uint8Array {
  if ('raw' in change) return change.raw;
  if ('bytes' in change) return change.bytes;
  return JSON.stringify('path' in change ? putInto(body, change.path, change.put) : body) ?? '';
}

/** Puts a value in the place of a leaf or a branch of a JSON value, or leaves a key out. */
function putInto(value: unknown, path: readonly number[], put: unknown): unknown {
  const [first = 0, ...rest] = path;
  if (typeof value !== 'object' || value === null || path.length === 0) return put;
  const entries = Object.entries(value);
  const chosen = entries[first % Math.max(1, entries.length)];
  if (chosen === undefined) return put;
  const [key, inner] = chosen;
  const changed = rest.length === 0 && put === undefined ? undefined : putInto(inner, rest, put);
  if (Array.isArray(value)) return value.map((item, index) => (String(index) === key ? changed : item));
  return Object.fromEntries([
    ...entries.filter(([name]) => name !== key),
    ...(changed === undefined ? [] : [[key, changed]]),
  ]);
}
