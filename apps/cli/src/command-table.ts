import type { Command } from './command.ts';
import { cancel } from './commands/cancel.ts';
import { deleteBranch } from './commands/delete.ts';
import { deliveries } from './commands/deliveries.ts';
import { deploy } from './commands/deploy.ts';
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
import { token } from './commands/token.ts';
import { wake } from './commands/wake.ts';

/** All commands, in the order help lists them. */
export const commandTable: readonly Command[] = [
  status,
  releases,
  deliveries,
  metrics,
  manifest,
  deploy,
  cancel,
  rollback,
  pin,
  unpin,
  suspend,
  resume,
  wake,
  deleteBranch,
  rotate,
  sweep,
  gc,
  token,
];
