import assert from 'node:assert/strict';
import test from 'node:test';
import { ReplyError } from 'ioredis';
import { queueTrouble } from './queue-trouble.ts';

for (const said of [
  "OOM command not allowed when used memory > 'maxmemory'. script: 5ab4, on @user_script:589.",
  'MISCONF Errors writing to the AOF file: No space left on device',
  'LOADING Redis is loading the dataset in memory',
  'EXECABORT Transaction discarded because of previous errors.',
]) {
  test(`a job is tried again after: ${said}`, () => {
    const trouble = queueTrouble(new ReplyError(said));

    assert.equal(trouble?.code, 'QUEUE_UNAVAILABLE');
    assert.equal(trouble.action, 'wait');
    assert.match(trouble.message, new RegExp(`\\(${said.split(' ')[0]}\\)`));
  });
}

test('what Redis takes for a mistake of ours, and what is none of its errors, is no trouble of the queue', () => {
  assert.equal(queueTrouble(new ReplyError('WRONGTYPE Operation against a key holding the wrong kind of value')), null);
  assert.equal(queueTrouble(new Error('OOM command not allowed')), null);
});
