import { buildersDropIn, nixConfigDropIn } from '@bough/core/stack/units/slices.ts';
import type { StackHost } from '@bough/core/stack/stack-host.ts';
import { programFile, programPath } from '../programs.ts';

/** Where versions of Bough lie, the links that tell them apart, and the folders of a system-wide installation. */
export const places = {
  home: '/usr/local/lib/bough',
  versions: '/usr/local/lib/bough/versions',
  /** The version that every unit names. */
  current: '/usr/local/lib/bough/current',
  /** The version that last became ready; see `ready-version.ts`. */
  ready: '/usr/local/lib/bough/ready',
  /** The one that was ready before it. */
  previous: '/usr/local/lib/bough/previous',
  brought: '/usr/local/lib/bough/brought.json',
  etc: '/etc/bough',
  config: '/etc/bough/bough.json',
  unitDir: '/etc/systemd/system',
} as const;

/** Links into the current version, by where they lie. */
export const links: Readonly<Record<string, string>> = {
  '/usr/local/bin/bough': 'apps/cli/bin/bough',
  '/usr/local/sbin/bough-install': 'script/install',
  '/usr/local/share/man/man1/bough.1': 'share/man/man1/bough.1',
  '/usr/local/share/man/man5/bough.json.5': 'share/man/man5/bough.json.5',
  '/usr/local/share/bash-completion/completions/bough': 'share/bash-completion/completions/bough',
  '/usr/local/share/zsh/site-functions/_bough': 'share/zsh/site-functions/_bough',
  '/usr/local/share/fish/vendor_completions.d/bough.fish': 'share/fish/vendor_completions.d/bough.fish',
};

/** What lies in folders of the system that may have to be made for it. */
export const systemFiles = [
  '/etc/sysusers.d/bough.conf',
  '/etc/tmpfiles.d/bough.conf',
  `${places.unitDir}/${buildersDropIn}`,
  `${places.unitDir}/${nixConfigDropIn}`,
] as const;

/** What the units of an installation know of the host. They name the link, so that an upgrade need not touch them. */
export function installedHost(stateDir: string): StackHost {
  return {
    scope: 'system',
    node: `${places.current}/node/bin/node`,
    root: places.current,
    caddy: programFile('caddy'),
    redisServer: programFile('redis-server'),
    folder: places.etc,
    path: programPath,
    runtimeRoot: '/run',
    dataDir: stateDir,
    // A path must not count as built before its content is on the disk: a power cut would leave empty files.
    nixConfig: 'sync-before-registering = true',
  };
}
