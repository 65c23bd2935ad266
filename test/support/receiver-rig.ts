import { after, before, beforeEach } from 'node:test';
import { openQueues, type OpenQueues } from './queues.ts';
import { startReceiver, type TestProject, type TestReceiver } from './receiver.ts';
import { createTestRedis, type TestRedis } from './redis.ts';
import { until } from './until.ts';

/** A receiver, its Redis, and its queues as seen from outside. */
export interface ReceiverRig {
  readonly redis: TestRedis;
  readonly receiver: TestReceiver;
  readonly queues: OpenQueues;
}

/**
 * Gives every test of the file one rig, with an empty Redis at the start of each, and the projects given beside `demo` and
 * `other`. `settings` are put over those of the receiver. To be read inside tests only.
 */
export function useReceiver(projects: Readonly<Record<string, TestProject>> = {}, settings: object = {}): ReceiverRig {
  const made = new AsyncDisposableStack(); // also what was started before something else failed to
  let rig: ReceiverRig | undefined;

  before(async () => {
    const redis = made.use(await createTestRedis());
    const receiver = made.use(await startReceiver(redis.url, projects, settings));
    rig = { redis, receiver, queues: made.use(await openQueues(redis.url)) };
    await until('the receiver is ready', async () => (await fetch(`${receiver.url}/readyz`)).ok);
  });
  beforeEach(() => started().queues.empty());
  after(async () => await made.disposeAsync());

  function started(): ReceiverRig {
    if (rig === undefined) throw new Error('the receiver is not started before the tests run');
    return rig;
  }
  return {
    get redis() {
      return started().redis;
    },
    get receiver() {
      return started().receiver;
    },
    get queues() {
      return started().queues;
    },
  };
}
