import type { Layout } from '../layout.ts';

/** What rendering must know of the host. */
export interface UnitHost {
  readonly scope: 'system' | 'user';
  readonly layout: Layout;
  /** Major version, from `systemctl --version`: directives are gated by it. */
  readonly systemdVersion: number;
  /** Absolute path of `systemd-socket-proxyd`. */
  readonly socketProxyd: string;
  /** argv of the program that waits until a loopback port is listened on; port, seconds are appended. */
  readonly waitForPort: readonly string[];
  readonly stopTimeoutSec: number;
  /** Name of the deployment's dynamic user, stable over its releases (at most 31 characters). */
  readonly user: string;
  /** Where the branch is reached, without a slash at its end. */
  readonly url: string;
}
