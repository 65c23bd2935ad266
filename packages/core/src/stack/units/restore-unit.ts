import type { Config } from '../../config/config.ts';
import { quoteValue } from '../../systemd/quote.ts';
import type { StackHost } from '../stack-host.ts';
import { environment, exec } from './unit.ts';

/**
 * Brings every live deployment back after a reboot, whatever is wrong with Node, Redis or the worker. Ordered before
 * those who would find nothing yet; none of them needs it.
 */
export function restoreUnit({ stateDir, runtimeDir, unitDir }: Config, host: StackHost): string {
  const script = `${host.root}/packages/host/boot/restore.sh`;
  return `[Unit]
Description=Bough: brings live branches back after a reboot
RequiresMountsFor=${[stateDir, host.root].map(quoteValue).join(' ')}
Before=bough-worker.service bough-caddy.service

[Service]
Type=oneshot
RemainAfterExit=yes
${exec('/bin/sh', script, host.scope, stateDir, runtimeDir, unitDir)}
${environment({ PATH: host.path })}
TimeoutStartSec=60

[Install]
WantedBy=${host.scope === 'system' ? 'multi-user.target' : 'default.target'}
`;
}
