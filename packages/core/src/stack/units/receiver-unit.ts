import type { Config } from '../../config/config.ts';
import { secretFilesOf } from '../../config/secret-files.ts';
import { quoteOptionalPath } from '../../systemd/quote.ts';
import { type StackHost, stackUsers } from '../stack-host.ts';
import { afterRedis } from './redis-unit.ts';
import { app, render, watched } from './unit.ts';

/** The only one strangers talk to. It has no user but while it runs, and sees of the secrets what systemd hands it. */
export function receiverUnit(config: Config, host: StackHost): string {
  return render(host, {
    description: 'Bough: webhooks and the board',
    after: afterRedis(config),
    service: ['Type=exec', ...app('receiver', host, receiverFlags), ...watched(host), 'TimeoutStopSec=15'],
    confined: [
      'DynamicUser=yes',
      `User=${stackUsers.receiver}`,
      `SupplementaryGroups=${stackUsers.queueGroup}`,
      'StateDirectory=bough-receiver', // the ledger; see `layoutOf`
      'StateDirectoryMode=0700',
      ...secretFilesOf(config).flatMap(({ setting, path }) => [
        // In place of a file that is not there: the receiver says which, systemd would say "Protocol error".
        `SetCredential=${setting}:\\n`,
        `LoadCredential=${setting}:${path.replace(/%/g, '%%')}`,
      ]),
      `InaccessiblePaths=${[config.stateDir, config.runtimeDir, '/nix/var/nix/daemon-socket'].map(quoteOptionalPath).join(' ')}`,
      'SystemCallFilter=~@privileged @resources',
      'PrivateUsers=yes',
    ],
  });
}

/** A quarter of what V8 lets young objects have: under the burst of `bench ingest` 222 MiB at the most instead of 270 with half. */
export const receiverFlags = ['--max-semi-space-size=4'];
