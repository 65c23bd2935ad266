import type { StackHost } from '@bough/core/stack/stack-host.ts';

/** Where versions of Bough lie, the link to the one that runs, and the folders of a system-wide installation. */
export const places = {
  home: '/usr/local/lib/bough',
  versions: '/usr/local/lib/bough/versions',
  current: '/usr/local/lib/bough/current',
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

/** What the units of an installation know of the host. They name the link, so that an upgrade need not touch them. */
export function installedHost(stateDir: string): StackHost {
  return {
    scope: 'system',
    node: `${places.current}/node/bin/node`,
    root: places.current,
    caddy: '/usr/bin/caddy',
    redisServer: '/usr/bin/redis-server',
    folder: places.etc,
    path: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    runtimeRoot: '/run',
    dataDir: stateDir,
  };
}
