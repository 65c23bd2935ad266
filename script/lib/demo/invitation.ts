import type { Place } from './place.ts';

/** Where everything is, for programs: what follows `READY`. */
export interface Ready {
  readonly urls: ReadonlyMap<string, string>;
  readonly board: { readonly url: string; readonly user: string; readonly password: string };
  readonly repository: string;
}

/** Where everything is and what to do now, for people. */
export function inviteTo({ urls, board, repository }: Ready, place: Place): string {
  const branches = [...urls].map(([branch, url]) => `  ${branch.padEnd(15)}${url}`);
  return `Bough is up, in ${place.name}

${branches.join('\n')}
  the board      ${board.url}   user ${board.user}, password ${board.password}

Now make it yours:
  git clone ${repository} hello && cd hello
  $EDITOR src/greeting.js && git commit --all --message "Say it differently" && git push

Ctrl-C takes everything down.`;
}
