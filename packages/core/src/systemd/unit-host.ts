import type { Layout } from '../layout.ts';

/** What rendering the units of a deployment must know of the host and its configuration. */
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
  /** What comes before the app's own paths in the URLs people see, without a slash at its end; may be empty. */
  readonly basePath: string;
  /** Seconds without a connection after which a service sleeps, unless its manifest says otherwise; `null`: never. */
  readonly sleepAfterSec: number | null;
  readonly isProduction: boolean;
  /** Secrets for this branch: files the processes get as systemd credentials. */
  readonly credentials: readonly { readonly name: string; readonly file: string }[];
}
