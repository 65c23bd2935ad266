import { stackUsers } from '../stack/stack-host.ts';
import { descriptionOf, nameOf, type ServiceUnit, sleepAfterOf } from './service-unit.ts';
import { renderSections } from './unit-section.ts';

/** The release's own listening socket. Whoever connects starts what stands behind it. */
export function renderSocket(unit: ServiceUnit): string {
  const { release, service, spec, host } = unit;
  return renderSections({
    Unit: [`Description=${descriptionOf(unit, 'Socket')}`],
    Socket: [
      `ListenStream=${host.layout.releaseSocket(release, release.seq, service)}`,
      ...modeOf(unit),
      'DirectoryMode=0755',
      'RemoveOnStop=yes',
      // Whoever waited for a process that did not come up is told so; left waiting, it would start it again and again. So
      // no limit is needed beyond the process's own, and systemd must not close the socket for many visitors in vain.
      ...(sleepAfterOf(unit) === null ? [] : ['FlushPending=yes', 'TriggerLimitIntervalSec=0']),
      `Service=${nameOf(unit, spec.listen === 'port' ? 'proxy' : 'process')}`,
    ],
  });
}

/** Who may connect: Caddy, and root as which the worker asks. Not another branch's process. In the user scope all are one user. */
function modeOf({ host }: ServiceUnit): string[] {
  return host.scope === 'system' ? ['SocketMode=0660', `SocketGroup=${stackUsers.caddy}`] : ['SocketMode=0600'];
}
