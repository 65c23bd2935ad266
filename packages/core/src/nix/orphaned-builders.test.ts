import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HostProcess, orphanedBuilders } from './orphaned-builders.ts';

const make = (pid: number, parent: number, changes: Partial<HostProcess> = {}): HostProcess => ({
  pid,
  parent,
  uid: 0,
  startTime: pid,
  argv: [],
  isContained: false,
  builds: null,
  ...changes,
});
const init = make(1, 0);
const daemon = make(10, 1, { argv: ['nix-daemon', '--daemon'] });
const client = make(20, 1, { uid: 990, argv: ['nix-store', '--realise'] });
const connection = make(30, 10, { argv: ['nix-daemon', '20', '', ''] });
const builder = make(40, 30, { uid: 995, builds: 'as build user' });
const part = make(41, 40, { uid: 995, builds: 'as build user' });
const left = make(42, 1, { uid: 995, builds: 'as build user' });
const all = [init, daemon, client, connection, builder, part, left];
const without = (...gone: HostProcess[]) => all.filter((each) => !gone.includes(each));
const pids = (processes: readonly HostProcess[]) => orphanedBuilders(processes).map(({ pid }) => pid);

test('what builds for a client that lives is nobody’s orphan, nor is what it runs in the background', () => {
  assert.deepEqual(pids(all), []);
});

test('a connection of the daemon whose client is gone is an orphan with all it builds', () => {
  assert.deepEqual(pids(without(client)), [30, 40, 41, 42]);
});

test('a client whose number was given out again is gone', () => {
  const another = { ...client, startTime: 35 };

  assert.deepEqual(pids([...without(client), another]), [30, 40, 41, 42]);
});

test('a builder whose connection is gone as well is an orphan', () => {
  assert.deepEqual(pids([init, daemon, { ...builder, parent: 1 }, part]), [40, 41]);
});

test('a connection whose client the daemon does not know is somebody’s', () => {
  const unknown = { ...connection, argv: ['nix-daemon', '0'] };

  assert.deepEqual(pids([...without(client, connection), unknown]), []);
});

test('what a daemon in a container builds is its own matter: it counts processes otherwise', () => {
  const contained = [daemon, connection, builder, part].map((each) => ({ ...each, isContained: true }));

  assert.deepEqual(pids([init, ...contained]), []);
});

test('only the daemon’s own processes are taken for connections', () => {
  assert.deepEqual(pids([init, make(50, 1, { uid: 1000, argv: ['nix-daemon', '999'] })]), []);
});

test('of a Nix without a daemon a builder is an orphan once that Nix is gone', () => {
  const nix = make(20, 1, { uid: 1000, argv: ['/usr/bin/nix-store', '--realise'] });
  const own = make(21, 20, { uid: 1000, builds: 'as its client' });
  const shell = make(22, 1, { uid: 1000, argv: ['bash'] });

  assert.deepEqual(pids([init, nix, own, shell]), []);
  assert.deepEqual(pids([init, { ...own, parent: 1 }, shell]), [21]);
  assert.deepEqual(pids([init, nix, own, shell, make(23, 1, { uid: 1000, builds: 'as its client' })]), [23]);
});
