import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeAnswer } from '../chaos/judge-answer.ts';

for (const [name, code, during, meaning] of [
  ['suspend', 'DEPLOYMENT_UNKNOWN', [], 'refused'],
  ['rollback', 'OPERATION_REFUSED', ['freeze-redis'], 'refused'],
  ['cancel', 'QUEUE_UNAVAILABLE', [], 'refused'],
  ['deploy', 'QUEUE_UNAVAILABLE', ['starve-redis'], 'refused'],
  ['cancel', 'QUEUE_UNAVAILABLE', ['freeze-redis'], 'unsure'],
  ['pin', 'DISK_FULL', ['fill-state-disk'], 'unsure'],
  ['rotate', 'DISK_FULL', ['fill-store-disk'], 'unsure'],
] as const) {
  test(`${name} may be answered with ${code}${during.map((fault) => ` while ${fault} lasts`).join()}`, () => {
    assert.equal(judgeAnswer(name, code, during), meaning);
  });
}

for (const [name, code, during] of [
  ['suspend', 'QUEUE_UNAVAILABLE', ['freeze-redis']],
  ['rollback', 'WORKER_UNREACHABLE', ['fill-redis-disk']],
  ['unpin', 'SOURCE_FETCH', ['lose-remote']],
  ['resume', 'DISK_FULL', []],
  ['resume', 'DISK_FULL', ['fill-redis-disk']],
  ['resume', 'HOST_FILES', ['fill-state-disk']],
  ['deploy', 'SOURCE_FETCH', ['slow-remote']],
  ['cancel', '', ['starve-redis']],
] as const) {
  test(`${name} is not to be answered with «${code}»${during.map((fault) => ` while ${fault} lasts`).join()}`, () => {
    assert.equal(judgeAnswer(name, code, during), null);
  });
}
