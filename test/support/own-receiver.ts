import { startReceiver, type TestProject, type TestReceiver } from './receiver.ts';
import { createTestRedis, type TestRedis } from './redis.ts';
import { until } from './until.ts';

/** A receiver for one test alone, that takes deliveries. */
export interface OwnReceiver extends AsyncDisposable {
  readonly receiver: TestReceiver;
  readonly redis: TestRedis;
}

/** Starts one with a Redis of its own. `settings` are put over those of the receiver. */
export async function ownReceiver(
  settings: object = {},
  projects: Readonly<Record<string, TestProject>> = {},
): Promise<OwnReceiver> {
  await using made = new AsyncDisposableStack();
  const redis = made.use(await createTestRedis());
  const receiver = made.use(await startReceiver(redis.url, projects, settings));
  await until('it is ready', async () => (await fetch(`${receiver.url}/readyz`)).ok);
  const all = made.move();
  return { receiver, redis, [Symbol.asyncDispose]: () => all.disposeAsync() };
}
