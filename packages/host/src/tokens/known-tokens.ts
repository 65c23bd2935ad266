import { timingSafeEqual } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { isCurrent, type Token } from '@bough/core/api/token.ts';
import type { Layout } from '@bough/core/layout.ts';
import type { Logger } from 'pino';
import { hashToken, listTokens } from './token-store.ts';

/** Tells whose a secret is. */
export type KnownTokens = ReturnType<typeof createKnownTokens>;

/** The kernel notes changes by its tick: two that close together may have one time. */
const youngMs = 100;

/**
 * The tokens of the folder, looked at for each request: one that was revoked is turned away from then on, and one that was
 * made is let in. They are read again only when the folder has changed.
 */
export function createKnownTokens({ layout, log }: { layout: Pick<Layout, 'tokens'>; log: Logger }) {
  let known: { readonly changed: bigint; readonly read: number; readonly tokens: readonly Token[] } | null = null;
  let told = '';

  async function current(): Promise<readonly Token[]> {
    const changed = await stat(layout.tokens, { bigint: true }).then(
      ({ mtimeNs }) => mtimeNs,
      () => null,
    );
    if (changed === null) return [];
    if (known?.changed === changed && known.read - Number(changed / 1_000_000n) > youngMs) return known.tokens;
    const read = Date.now();
    const { tokens, unreadable } = await listTokens({ layout });
    if (unreadable.join() !== told && unreadable.length > 0)
      log.warn(
        { folder: layout.tokens, unreadable },
        'files of tokens cannot be read: whoever has these is turned away',
      );
    told = unreadable.join();
    known = { changed, read, tokens };
    return tokens;
  }

  return {
    /** The token of a secret, `null` where it is none or counts no longer. Each is compared, in constant time. */
    async find(secret: string): Promise<Token | null> {
      const given = Buffer.from(hashToken(secret), 'hex');
      let found: Token | null = null;
      for (const token of await current().catch(noneAt(log)))
        if (timingSafeEqual(Buffer.from(token.sha256, 'hex'), given)) found = token;
      return found !== null && isCurrent(found, new Date()) ? found : null;
    },
  };
}

function noneAt(log: Logger) {
  return (err: unknown): readonly Token[] => {
    log.warn({ err }, 'the tokens cannot be read: nobody is let in');
    return [];
  };
}
