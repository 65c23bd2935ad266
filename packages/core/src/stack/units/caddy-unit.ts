import type { Config } from '../../config/config.ts';
import { quoteValue } from '../../systemd/quote.ts';
import { stackFiles, type StackHost, stackUsers } from '../stack-host.ts';
import { environment, exec, render } from './unit.ts';

/** `bough-caddy.service`. */
export function caddyUnit({ runtimeDir }: Config, host: StackHost): string {
  const home = host.scope === 'system' ? '/var/lib/bough-caddy' : `${host.dataDir}/caddy`;
  return render(host, {
    description: 'Bough: the web server (Caddy)',
    service: [
      'Type=notify',
      exec(host.caddy, 'run', '--config', stackFiles(host).caddyfile, '--adapter', 'caddyfile'),
      environment({ HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home }),
      'LimitNOFILE=1048576',
      'TimeoutStopSec=10',
    ],
    confined: [
      `User=${stackUsers.caddy}`,
      // Its connections set the access times of sockets, by which visits are told; seen read-only they would not. The
      // folder above, since runtimeDir itself may be made anew. Caddy has the right to write nowhere in there.
      `ReadWritePaths=${quoteValue(`-${runtimeDir.slice(0, runtimeDir.lastIndexOf('/'))}`)}`,
      'StateDirectory=bough-caddy',
      'StateDirectoryMode=0700',
      'CapabilityBoundingSet=CAP_NET_BIND_SERVICE',
      'AmbientCapabilities=CAP_NET_BIND_SERVICE',
    ],
  });
}
