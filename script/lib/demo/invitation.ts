import type { Person } from './person.ts';
import type { Place } from './place.ts';
import { quote } from './quote.ts';

/** Where everything is, for programs: what follows `READY`. */
export interface Ready {
  readonly urls: ReadonlyMap<string, string>;
  readonly board: { readonly url: string; readonly user: string; readonly password: string };
  readonly repository: string;
}

/**
 * Where everything is and what to do now, for people. The commands are to work as they stand: with no editor chosen, nobody whom git
 * knows, and in another terminal than the demo's.
 */
export function inviteTo(
  { urls, board, repository }: Ready,
  place: Pick<Place, 'name'>,
  { bySudo, ssh }: Person,
): string {
  const branches = [...urls].map(([branch, url]) => `  ${branch.padEnd(15)}${url}`);
  const sudo = bySudo ? 'sudo ' : '';
  const identity = '--config user.name=You --config user.email=you@example.org';
  return `Bough is up, in ${place.name}

${branches.join('\n')}
  the board      ${board.url}   user ${board.user}, password ${board.password}
${ssh === null ? '' : `\nThat is this host's own address. To reach it from the computer you sit at, leave this running there:\n  ${tunnel([...urls.values(), board.url], ssh)}\n`}
Now make it yours:
  ${sudo}git clone ${identity} ${quote(repository)} hello && cd hello
  ${sudo}sed -i "s/Hello/Good day/" src/greeting.js && ${sudo}git commit --all --message "Say it differently" && ${sudo}git push

Ctrl-C takes everything down.`;
}

/** The ports are the same at both ends, as the URLs name them. */
function tunnel(urls: readonly string[], ssh: string): string {
  const ends = new Set(
    urls.map((url) => new URL(url)).map(({ hostname, port }) => `${port || 80}:${hostname}:${port || 80}`),
  );
  return `ssh -N ${[...ends].map((end) => `-L ${end}`).join(' ')} ${ssh}`;
}
