import { hardening } from './hardening.ts';
import { descriptionOf, nameOf, portOf, type ServiceUnit, sleepAfterOf, sliceOf } from './service-unit.ts';
import { renderSections } from './unit-section.ts';

/** `systemd-socket-proxyd` in front of a process that listens on `PORT`: it wakes it, and lets it sleep by ending itself. */
export function renderProxy(unit: ServiceUnit): string {
  const { host } = unit;
  const process = nameOf(unit, 'process');
  const sleepAfter = sleepAfterOf(unit);
  const idle = sleepAfter === null ? '' : ` --exit-idle-time=${sleepAfter}s`;
  return renderSections({
    Unit: [
      `Description=${descriptionOf(unit, 'Proxy')}`,
      `Requires=${process}`, // starts the process, and waits until it listens, before the first connection goes through
      `After=${process}`,
    ],
    Service: [
      // Not notify: systemd-socket-proxyd of systemd 252 never says that it is ready, and is ended after 90 s.
      'Type=exec',
      `Slice=${sliceOf(host)}`,
      `ExecStart=${host.socketProxyd} --connections-max=4096${idle} 127.0.0.1:${portOf(unit)}`,
      ...(host.scope === 'system' ? ['DynamicUser=yes', ...hardening([host.layout.stateDir])] : []),
    ],
  });
}
