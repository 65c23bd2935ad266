import basicAuth from '@fastify/basic-auth';
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import type { GuessLimit } from '../defence/guess-limit.ts';
import { sourceOf } from '../defence/source-of.ts';
import { equalInConstantTime } from './credentials.ts';
import { isForeignWrite } from './foreign-write.ts';

/** What people sign in with. */
export interface BoardLogin {
  readonly user: string;
  readonly password: string;
  /** One for all that is behind this password. */
  readonly guesses: GuessLimit;
}

/** Lets only those at the routes of `app` who know the password, from our own pages only. */
export async function forPeople(app: FastifyInstance, { user, password, guesses }: BoardLogin): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: contentSecurityPolicy },
    strictTransportSecurity: false,
  });
  await app.register(basicAuth, {
    authenticate: { realm: 'Bough' },
    async validate(givenUser, givenPassword, request) {
      const rightUser = equalInConstantTime(givenUser, user);
      const rightPassword = equalInConstantTime(givenPassword, password);
      if (rightUser && rightPassword) return;
      guesses.wrong(sourceOf(request));
      throw Object.assign(new Error('wrong user or password'), { statusCode: 401 });
    },
  });
  app.addHook('onRequest', async (request, reply) => {
    const wait = guesses.waitSec(sourceOf(request));
    if (wait === 0) return undefined;
    return reply
      .code(429)
      .header('retry-after', wait)
      .send({ outcome: 'rejected', reason: 'too many wrong passwords came from this address; wait' });
  });
  app.addHook('onRequest', app.basicAuth);
  app.addHook('onRequest', async (request, reply) => {
    if (isForeignWrite(request.method, request.headers))
      return reply.code(403).send({ outcome: 'rejected', reason: 'writes must come from the board itself' });
    return undefined;
  });
}

/** Everything from ourselves; the page's own styles are inline. Google Fonts, the page's one other link, is blocked. */
const contentSecurityPolicy = {
  'default-src': ["'self'"],
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'base-uri': ["'self'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
  'object-src': ["'none'"],
};
