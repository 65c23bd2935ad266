// A process that feeds systemd's watchdog as the worker does, and is at one thing that never ends: main.ts DEADLINE_SEC
import { stuckAction } from '@bough/core/progress/progress.ts';
import { createActions } from '@bough/host/progress/actions.ts';
import { createRunCommand } from '@bough/host/run-command.ts';
import { feedWatchdog } from '@bough/host/systemd/watchdog.ts';
import { pino } from 'pino';

const log = pino();
const actions = createActions();
actions.begin('something that never ends', Number(process.argv[2]));
feedWatchdog({
  run: createRunCommand({ log }),
  environment: process.env,
  stuck: () => stuckAction({ actions: actions.list(), redisReadySec: null })?.what ?? null,
  status: () => 'at it\nstill',
  log,
});
setInterval(() => undefined, 60_000);
