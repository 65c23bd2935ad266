import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { appFiles } from '../support/app-files.ts';
import { ask } from '../support/ask.ts';
import { chatServer } from '../support/chat-app.ts';
import { install } from '../support/installation.ts';
import { startLoad } from '../support/load.ts';
import { until } from '../support/until.ts';

// That the older systemd hands requests over as well takes fewer to see.
const count = (await readFile('/etc/os-release', 'utf8')).includes('bookworm') ? 5 : 20;

test(`${count} switches under load fail no request, and a WebSocket and a stream of another branch last through them`, async (t) => {
  await using bough = await install();
  await bough.push('chat', appFiles({ text: 'chat', server: chatServer }));
  await bough.push('busy', appFiles({ text: 'version 0.' }));
  await bough.untilServes('chat', 'chat');
  await bough.untilServes('busy', 'version 0.');
  const load = startLoad('/busy/', { connections: 16, rate: 200 });
  const socket = new WebSocket('ws://127.0.0.1:8080/chat/');
  const heard: string[] = [];
  const ends: string[] = [];
  socket.addEventListener('message', ({ data }) => heard.push(String(data)));
  for (const name of ['close', 'error'] as const) socket.addEventListener(name, () => ends.push(`socket: ${name}`));
  await once(socket, 'open');
  const stream = await ask('127.0.0.1', '/chat/stream');
  let lines = '';
  stream.on('data', (chunk) => (lines += String(chunk)));
  for (const name of ['end', 'aborted', 'error']) stream.on(name, () => ends.push(`stream: ${name}`));

  for (let version = 1; version <= count; version += 1) {
    await bough.push('busy', appFiles({ text: `version ${version}.` }));
    await bough.untilServes('busy', `version ${version}.`);
    const before = lines.length;
    socket.send(`after ${version}`);
    await until('the socket answers', () => heard.at(-1)?.endsWith(` heard after ${version}`));
    await until('the stream goes on', () => lines.length > before);
  }
  await bough.untilIdle();
  const { total, failed, text } = await load.stop();

  t.diagnostic(`${text}; ${lines.split('\n').length} lines were streamed meanwhile`);
  assert.equal(failed, 0, text);
  assert.ok(total > 50 * count, text);
  assert.deepEqual(ends, []);
  assert.equal(heard.length, count);
  const processes = new Set([...heard, ...lines.trim().split('\n')].map((line) => /\d+/.exec(line)?.[0]));
  assert.equal(processes.size, 1, 'one process answered all along');
  stream.destroy();
  socket.close();
});
