import { descriptionOf, nameOf, type ServiceUnit } from './service-unit.ts';
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
      `Service=${nameOf(unit, spec.listen === 'port' ? 'proxy' : 'process')}`,
    ],
  });
}
