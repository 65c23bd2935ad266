import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { promisify } from 'node:util';
import { BuildJob } from '@bough/core/queue/jobs.ts';
import { readAsks } from '@bough/host/queue/asks.ts';
import { slugOf } from '@bough/host/slug.ts';
import { useReceiver } from '../support/receiver-rig.ts';
import { createRepository, type Repository } from '../support/repository.ts';

const exec = promisify(execFile);
const hook = join(import.meta.dirname, '../../packages/host/hook/post-receive');

// Of every length that HMAC treats in a way of its own, and of every character that a shell does.
const secrets = ['s', '%s \\n "$x" `y` \\101 ünï \'', 'x'.repeat(64), 'y'.repeat(65), 'z'.repeat(300)];
const rig = useReceiver(
  Object.fromEntries(
    secrets.map((secret, number) => [
      `hooked-${number}`,
      { secrets: [secret], settings: { forge: 'git', paths: ['src/**'] } },
    ]),
  ),
);

let folder: string;
let repository: Repository;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bough-hook-'));
  repository = await createRepository(folder);
  const installed = join(repository.remote, 'hooks/post-receive');
  await copyFile(hook, installed);
  await chmod(installed, 0o755);
  await configure('receive.advertisePushOptions', 'true');
  await repository.git('commit', '--quiet', '--allow-empty', '-m', 'The first');
});
after(() => rm(folder, { recursive: true, force: true }));

const configure = (key: string, value: string) => exec('git', ['-C', repository.remote, 'config', key, value]);

/** Points the hook at a project of the receiver. */
async function use(
  number: number,
  url = `${rig.receiver.url}/webhooks/hooked-${number}`,
  ending = '\n',
): Promise<void> {
  await writeFile(join(folder, 'secret'), `${secrets[number]}${ending}`);
  await configure('bough.url', url);
  await configure('bough.secretFile', join(folder, 'secret'));
}

/** Pushes, which must succeed whatever the hook meets. Gives what the hook told, line by line. */
async function push(...words: string[]): Promise<string[]> {
  const { stderr } = await exec('git', ['-C', join(folder, 'clone'), 'push', '--force', ...words]);
  return [...stderr.matchAll(/^remote: bough: (.*?)\s*$/gm)].map(([, line = '']) => line);
}

test('whatever the secret, the receiver finds the signature of the hook right', async () => {
  for (const number of secrets.keys()) {
    await use(number);
    assert.deepEqual(await push('origin', `HEAD:refs/heads/secret-${number}`), [
      `secret-${number}: queued (the path filter is left to the build: the hook did not say which files it touched)`,
    ]);
  }
});

test('the file of the secret may end as that of the receiver may: with one line break of either kind, or none', async () => {
  for (const [index, ending] of ['', '\n', '\r\n'].entries()) {
    await use(0, undefined, ending);
    const [line] = await push('origin', `HEAD:refs/heads/ending-${index}`);
    assert.match(line ?? '', /^ending-\d: queued/, JSON.stringify(ending));
  }
  for (const ending of ['\n\n', '\r']) {
    await use(0, undefined, ending);
    const [line] = await push('origin', 'HEAD:refs/heads/other-secret');
    assert.match(line ?? '', / answered 401: /, JSON.stringify(ending));
    await push('origin', ':refs/heads/other-secret');
  }
});

test('one push of many refs is one delivery, and the pusher reads what became of each', async () => {
  await use(0);
  await push('origin', 'HEAD:refs/heads/gone');
  await rig.queues.empty();
  const head = await repository.git('rev-parse', 'HEAD');
  await repository.git('tag', '-f', 'v1');

  const names = ['one', 'quote"d', 'ünï/cöde', "$(reboot)`x`;&|'%s"];
  const lines = await push('origin', ...names.map((name) => `HEAD:refs/heads/${name}`), ':refs/heads/gone', 'v1');

  const queued = (name: string) =>
    `${name}: queued (the path filter is left to the build: the hook did not say which files it touched)`;
  assert.deepEqual(lines[0], 'queued (5 of 6 refs lead to a job)');
  assert.deepEqual(
    lines.slice(1).toSorted(),
    [
      ...names.filter((name) => name !== 'quote"d').map(queued),
      'gone: queued',
      'refs/tags/v1: ignored (a tag, not a branch)',
      queued('quote\\'), // the answer's JSON is read by sed
    ].toSorted(),
  );
  const waiting = await rig.queues.build.getJobs(['waiting', 'prioritized']);
  assert.deepEqual(new Set(waiting.map(({ data }) => ('branch' in data ? data.branch : ''))), new Set(names));
  assert.equal(waiting.length, names.length);
  assert.ok(waiting.every(({ data }) => 'seen' in data && data.seen === head));
});

test('the files of a push are told, also of a forced one, and names that are not plain leave them out', async () => {
  await use(0);
  await repository.commit('files', { 'src/a.js': '1', 'docs/a.md': '1' });
  await repository.commit('files', { 'src/a.js': '1', 'docs/a.md': '2' }); // pushes by itself
  const base = await repository.git('rev-parse', 'HEAD');
  const commit = async (files: Record<string, string>) => {
    await repository.git('checkout', '--quiet', '--force', '--detach', base);
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, 'clone', name), text);
    await repository.git('add', '--all');
    await repository.git('commit', '--quiet', '-m', 'A "quoted"\tmessage\\n\n\u001b[31mred\nüml', '--allow-empty');
    return push('origin', 'HEAD:refs/heads/files');
  };

  const ignored = ['files: ignored (it touches no file that matches src/**)'];
  assert.deepEqual(await commit({ 'docs/a.md': '3' }), ignored);
  assert.deepEqual(await commit({ 'docs/a b.md': '3' }), ignored, 'forced: the commit before is dropped');
  await rig.queues.empty();
  assert.deepEqual(await commit({ 'src/a.js': '4' }), ['files: queued']);
  await rig.queues.empty();
  assert.deepEqual(await commit({ 'src/ü.js': '5', 'src/a.js': '1' }), [
    'files: queued (the path filter is left to the build: the hook did not say which files it touched)',
  ]);
});

test('a message and a push option that ask not to build are told', async () => {
  await use(0);
  await repository.git('commit', '--quiet', '--allow-empty', '-m', 'Words\n\nüber alles "[skip ci]"\\');
  assert.deepEqual(await push('origin', 'HEAD:refs/heads/words'), [
    'words: ignored (the head commit asks not to be built)',
  ]);

  await repository.git('commit', '--quiet', '--allow-empty', '-m', 'More');
  assert.deepEqual(await push('-o', 'other=$(x)', '-o', 'ci.skip', 'origin', 'HEAD:refs/heads/option'), [
    'option: queued (the push option ci.skip asks not to build it)',
  ]);
  const [job] = await rig.queues.build.getJobs(['waiting', 'prioritized']);
  assert.match(job?.id ?? '', new RegExp(`^delivery-hooked-0--[0-9a-f-]{36}--${slugOf('option')}$`));
});

test('a push that is not to be built is not for an earlier one that waits to be, which is asked for still', async () => {
  await use(0);
  await rig.queues.empty();
  const commit = async (text: string) => {
    await mkdir(join(folder, 'clone/src'), { recursive: true });
    await writeFile(join(folder, 'clone/src/both.js'), text);
    await repository.git('add', '--all');
    await repository.git('commit', '--quiet', '-m', text);
  };
  await commit('To be built');
  await push('origin', 'HEAD:refs/heads/both');
  const wanted = await repository.git('rev-parse', 'HEAD');
  await commit('Not to be built');

  const [line = ''] = await push('-o', 'ci.skip', 'origin', 'HEAD:refs/heads/both');

  assert.match(line, /^both: joined .*the push option ci\.skip asks not to build it/);
  const [job, ...others] = await rig.queues.build.getJobs(['waiting', 'prioritized']);
  assert.deepEqual(others, []);
  const seen = await repository.git('rev-parse', 'HEAD');
  const { seen: sees, skip } = BuildJob.parse(job?.data);
  assert.deepEqual({ seen: sees, skip }, { seen: wanted, skip: undefined });
  assert.deepEqual(await readAsks(rig.queues.redis, { project: 'hooked-0', branch: 'both' }), [
    { commit: seen, skip: 'the push option ci.skip asks not to build it' },
  ]);
});

test('what keeps the hook from telling is told to the pusher, and never fails the push', async () => {
  const kept = 'the push is kept; Bough finds it by itself at its next sweep';
  const next = async () => {
    await repository.git('commit', '--quiet', '--allow-empty', '-m', 'Another');
    return push('origin', 'HEAD:refs/heads/trouble');
  };

  await use(0);
  await writeFile(join(folder, 'secret'), 'another');
  const url = `${rig.receiver.url}/webhooks/hooked-0`;
  assert.deepEqual(await next(), [`${url} answered 401: not signed with a secret of this webhook`, kept]);

  await use(0, `${rig.receiver.url}/webhooks/nobody`);
  assert.deepEqual(await next(), [`${rig.receiver.url}/webhooks/nobody answered 404: there is no such webhook`, kept]);

  const long = `${rig.receiver.url}/webhooks/hooked-0?${'x'.repeat(20_000)}`; // refused before anything of ours sees it
  await use(0, long);
  assert.deepEqual(await next(), [`${long} answered 431: the headers are too large`, kept]);

  await use(0);
  await writeFile(join(folder, 'secret'), '');
  assert.deepEqual(await next(), [`the file of bough.secretFile is empty: ${join(folder, 'secret')}`, kept]);
  await rm(join(folder, 'secret'));
  assert.deepEqual(await next(), [`the file of bough.secretFile cannot be read: ${join(folder, 'secret')}`, kept]);

  await exec('git', ['-C', repository.remote, 'config', '--unset', 'bough.url']);
  assert.deepEqual(await next(), ['set bough.url of this repository with git config', kept]);
});

test('a receiver that is away for a moment is asked again, with the same delivery', async () => {
  const gone = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => gone.once('listening', resolve));
  const address = gone.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  gone.close();
  await use(0, `http://127.0.0.1:${address.port}/webhooks/hooked-0`);
  await repository.git('commit', '--quiet', '--allow-empty', '-m', 'Away');

  const [problem = '', kept] = await push('origin', 'HEAD:refs/heads/away');
  assert.match(problem, /^no answer from http:\S+, 3 times: curl: \(7\)/);
  assert.match(kept ?? '', /next sweep/);

  await use(0);
  rig.redis.freeze();
  setTimeout(() => rig.redis.thaw(), 1_500); // after the first answer, which is 503, and before the last attempt
  await repository.git('commit', '--quiet', '--allow-empty', '-m', 'Back');
  const [line = ''] = await push('origin', 'HEAD:refs/heads/back');
  assert.match(line, /^back: (queued|repeated)/);
  assert.deepEqual(
    (await rig.queues.waiting()).map(({ branch }) => branch),
    ['back'],
  );
});
