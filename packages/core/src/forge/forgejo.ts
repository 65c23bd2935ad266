import type { ForgeAdapter } from './adapter.ts';
import { parseGiteaEvent } from './gitea.ts';

/** Forgejo (https://forgejo.org/docs/latest/user/webhooks/): the events of Gitea under headers of its own. */
export const forgejo: ForgeAdapter = {
  title: 'Forgejo',
  deliveryHeaders: ['x-forgejo-delivery'],
  identity: 'content',
  eventHeader: 'x-forgejo-event',
  verifications: [{ scheme: 'hmac-sha256', header: 'x-forgejo-signature', prefix: '' }],
  parse: (eventName, body) => [parseGiteaEvent('Forgejo', eventName, body)],
};
