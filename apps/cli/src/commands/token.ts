import { Scope, Token, TokenName } from '@bough/core/api/token.ts';
import { TimeSpan } from '@bough/core/config/time-span.ts';
import { createToken, listTokens, revokeToken } from '@bough/host/tokens/token-store.ts';
import type { Cli, Command, Input, Output } from '../command.ts';
import { renderAge } from '../render-age.ts';
import { renderTable } from '../render-table.ts';
import { UsageError } from '../usage-error.ts';

/** `bough token`. */
export const token: Command = {
  name: 'token',
  usage: 'create NAME | revoke NAME | list',
  takes: [1, 2],
  summary: 'make, list and revoke the tokens of the HTTP API',
  about: [
    'create prints the secret once; only its hash is kept. NAME tells people whose it is: it stands wherever something was asked\nfor with it. revoke holds from the next request on; the receiver need not be restarted.',
    'read: look. deploy: build, cancel, sweep. operate: roll back, pin, suspend, resume, delete, rotate.',
  ],
  options: {
    scope: { value: 'LIST', meaning: 'of read, deploy and operate, with commas between; read without it' },
    project: { value: 'LIST', meaning: 'the projects it is for, with commas between' },
    all: { meaning: 'it is for all projects, in place of --project' },
    for: { value: 'SPAN', meaning: 'it ends after so long, such as 90d; never without it' },
  },
  async run(cli, input) {
    const [act, name] = input.args;
    if (act === 'list' && name === undefined) return await show(cli);
    const parsed = TokenName.safeParse(name);
    if (!['create', 'revoke'].includes(act ?? '')) throw new UsageError(`usage: bough token ${token.usage}`);
    if (!parsed.success) throw new UsageError(`NAME ${parsed.error.issues[0]?.message ?? 'is missing'}`);
    if (act === 'create') return await create(cli, input, parsed.data);
    await revokeToken(cli, parsed.data);
    return { value: { revoked: parsed.data }, text: `${parsed.data} is revoked\n` };
  },
};

const latestEnd = Date.UTC(9999, 11, 31);

async function create(cli: Cli, input: Input, name: string): Promise<Output> {
  const scopes = Token.shape.scopes.safeParse(commas(input.text('scope') ?? 'read'));
  if (!scopes.success) throw new UsageError(`--scope takes ${Scope.options.join(', ')}, with commas between`);
  const wanted = input.text('project');
  if (input.has('all') === (wanted !== undefined)) throw new UsageError('either --project LIST or --all is needed');
  const projects = wanted === undefined ? null : commas(wanted);
  if (projects?.length === 0) throw new UsageError('--project names no project');
  const unknown = (projects ?? []).filter((project) => cli.config.projects[project] === undefined);
  if (unknown.length > 0) throw new UsageError(`no project ${unknown.join(', ')} is configured`);
  const span = input.text('for');
  const seconds = span === undefined ? null : TimeSpan.safeParse(span);
  if (seconds?.success === false) throw new UsageError('--for takes a span of time such as 90d or 12h');
  const now = Date.now();
  const ends = seconds === null ? null : now + (seconds.data ?? 0) * 1_000;
  if (ends !== null && ends > latestEnd) throw new UsageError('--for ends after the year 9999');
  const request = {
    name,
    scopes: [...new Set(scopes.data)],
    projects,
    by: cli.user,
    at: new Date(now).toISOString(),
    expires: ends === null ? null : new Date(ends).toISOString(),
  };
  const secret = await createToken(cli, request);
  return { value: { ...request, secret }, text: `${secret}\n` };
}

async function show(cli: Cli): Promise<Output> {
  const { tokens, unreadable } = await listTokens(cli);
  const shown = tokens.map(({ name, scopes, projects, by, at, expires }) => ({
    name,
    scopes,
    projects,
    by,
    at,
    expires,
  }));
  const head = ['name', 'scopes', 'projects', 'made by', 'age', 'ends'];
  const table = shown.length === 0 ? 'there is no token\n' : renderTable(head, shown.map(row));
  const odd = unreadable.map((file) => `${file} cannot be read; remove it\n`).join('');
  return { value: { tokens: shown, unreadable }, text: `${table}${odd}`, failed: unreadable.length > 0 };
}

function row({ name, scopes, projects, by, at, expires }: Omit<Token, 'sha256' | 'schema'>): string[] {
  return [name, scopes.join(','), projects?.join(',') ?? 'all', by, renderAge(at, Date.now()), expires ?? 'never'];
}

function commas(text: string): string[] {
  return text.split(',').filter((word) => word !== '');
}
