/**
 * What stands before the `@` of a URL's host: `{ user: 'me', password: 'token' }` of `https://me:token@host/x`. `null` where
 * there is nothing of the kind, as in a path or in `git@host:path`, which is no URL.
 */
export function userInfoOf(url: string): { readonly user: string; readonly password: string | null } | null {
  const [, info] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)@/i.exec(url) ?? [];
  if (info === undefined) return null;
  const colon = info.indexOf(':');
  return colon === -1
    ? { user: info, password: null }
    : { user: info.slice(0, colon), password: info.slice(colon + 1) };
}
