import { absolutePath } from './fields.ts';

/** Folders of the system and of other people. One that holds any of them is not Bough's either. */
const others = [
  '/bin',
  '/boot',
  '/dev/shm',
  '/lib',
  '/lib64',
  '/media',
  '/mnt',
  '/opt',
  '/proc',
  '/root',
  '/sbin',
  '/srv',
  '/sys',
  '/etc/bough',
  '/etc/systemd/system',
  '/home',
  '/nix/store',
  '/nix/var/nix',
  '/tmp',
  '/run/credentials',
  '/run/lock',
  '/run/systemd/system',
  '/run/user',
  '/usr/bin',
  '/usr/lib/systemd/system',
  '/usr/sbin',
  '/usr/share',
  '/usr/local/bin',
  '/usr/local/lib/bough',
  '/usr/local/sbin',
  '/usr/local/share',
  '/var/backups',
  '/var/cache/private',
  '/var/lib/private',
  '/var/lib/systemd',
  '/var/lib/dpkg',
  '/var/lib/rpm',
  '/var/log/journal',
  '/var/log/private',
  '/var/mail',
  '/var/run',
  '/var/spool',
  '/var/tmp',
  '/var/www',
];

/** A folder Bough fills and empties: none that anybody else keeps something in. */
export const ownFolder = (path: string, meaning: string) =>
  absolutePath
    .refine(
      (given) => !isOfOthers(given),
      'must be a folder of its own, which Bough may empty: add a name, such as /bough',
    )
    .default(path)
    .describe(meaning);

function isOfOthers(given: string): boolean {
  const path = `/${given
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')}`;
  const isHome = /^\/(home|run\/user)\/[^/]+$/.test(path);
  return isHome || others.some((other) => other === path || other.startsWith(`${path}/`));
}
