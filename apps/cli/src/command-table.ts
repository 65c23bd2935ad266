import type { Command } from './command.ts';
import { deliveries } from './commands/deliveries.ts';
import { gc } from './commands/gc.ts';
import { manifest } from './commands/manifest.ts';
import { metrics } from './commands/metrics.ts';
import { pin, unpin } from './commands/pin.ts';
import { releases } from './commands/releases.ts';
import { rollback } from './commands/rollback.ts';
import { rotate } from './commands/rotate.ts';
import { status } from './commands/status.ts';
import { resume, suspend } from './commands/suspend.ts';
import { sweep } from './commands/sweep.ts';
import { wake } from './commands/wake.ts';

/** All commands, in the order help lists them. */
export const commandTable: readonly Command[] = [
  status,
  releases,
  deliveries,
  metrics,
  manifest,
  rollback,
  pin,
  unpin,
  suspend,
  resume,
  wake,
  rotate,
  sweep,
  gc,
];
