import { randomUUID } from 'node:crypto';
import type { ForgeStandIn } from './forge-case.ts';
import { giteaCases, giteaHeaders } from './gitea.ts';

const names = ['forgejo', 'gitea', 'gogs'];
const ofItsOwn = { wiki_branch: 'main', globally_editable_wiki: false, default_update_style: 'merge' };

/** A repository's webhook on Forgejo (https://forgejo.org/docs/latest/user/webhooks/): what Gitea sends, under its own name too. */
export const forgejo: ForgeStandIn = {
  cases: giteaCases('https://forgejo.invalid', names, ofItsOwn),
  headers: (sent) => giteaHeaders(names, sent),
  redelivered: () => randomUUID(),
};
