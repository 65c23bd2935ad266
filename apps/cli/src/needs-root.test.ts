import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { AppError } from '@bough/core/app-error.ts';
import { needsRoot } from './needs-root.ts';

const refused = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', path: '/var/lib/bough' });

test('who may not read a file is told which and to use sudo, however deep the refusal lies', () => {
  const wrapped = new AppError('STATE_INVALID', 'it cannot be read', { cause: refused });

  for (const error of [refused, wrapped]) {
    const told = needsRoot(error, 1000);
    assert.equal(told?.code, 'HOST_FILES');
    assert.equal(told?.message, '/var/lib/bough may not be used by you; run this with sudo');
  }
});

test('root is told the error itself, and so is whoever met another', () => {
  assert.equal(needsRoot(refused, 0), null);
  assert.throws(
    () => readdirSync('/none'),
    (error) => needsRoot(error, 1000) === null,
  );
  assert.equal(needsRoot('no error', 1000), null);
  const told = new AppError('WORKER_UNREACHABLE', 'the socket belongs to another user', { cause: refused });
  assert.equal(needsRoot(told, 1000), null, 'it says what to do itself');
});
