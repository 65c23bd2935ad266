import { descriptionOf, nameOf, type ServiceUnit, sleepAfterOf } from './service-unit.ts';
import { renderSections } from './unit-section.ts';

/** The release's own listening socket. Whoever connects starts what stands behind it. */
export function renderSocket(unit: ServiceUnit): string {
  const { release, service, spec, host } = unit;
  return renderSections({
    Unit: [`Description=${descriptionOf(unit, 'Socket')}`],
    Socket: [
      `ListenStream=${host.layout.releaseSocket(release, release.seq, service)}`,
      'SocketMode=0666', // Caddy and the worker connect as users of their own
      'DirectoryMode=0755',
      'RemoveOnStop=yes',
      // Whoever waited for a process that did not come up is told so; left waiting, it would start it again and again. So
      // no limit is needed beyond the process's own, and systemd must not close the socket for many visitors in vain.
      ...(sleepAfterOf(unit) === null ? [] : ['FlushPending=yes', 'TriggerLimitIntervalSec=0']),
      `Service=${nameOf(unit, spec.listen === 'port' ? 'proxy' : 'process')}`,
    ],
  });
}
