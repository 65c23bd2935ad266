import assert from 'node:assert/strict';
import test from 'node:test';
import { skipsCi } from './skip-ci.ts';

for (const message of [
  '[skip ci] Docs',
  'Docs [ci skip]',
  'Docs\n\nMore words [no ci] here',
  '[skip actions]',
  '[actions skip]',
  'Docs [skip-ci]',
  '[ci_skip]',
  'Docs [Skip CI]',
  'Docs\n\n\nskip-checks: true',
  'Docs\n\nSigned-off-by: A\nskip-checks:true\n',
  'Docs\r\n\r\nskip-checks: true\r\n',
]) {
  test(`${JSON.stringify(message)} asks not to be built`, () => {
    assert.equal(skipsCi(message), true);
  });
}

for (const message of [
  '',
  'Skip CI',
  '[skipci]',
  '[skip  ci]',
  '(skip ci)',
  'skip-checks: true',
  'Docs\n\nskip-checks: true\nAnd more',
  'Docs\n\nskip-checks: false',
  'Docs\n\nWe say skip-checks: true',
]) {
  test(`${JSON.stringify(message)} does not ask not to be built`, () => {
    assert.equal(skipsCi(message), false);
  });
}
