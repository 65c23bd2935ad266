import type { Proof } from '@bough/core/forge/proof.ts';
import { isSigningSecret, signingKeyOf, whyNoSigningKey } from '@bough/core/forge/signing-secret.ts';
import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

/** How far the clock of a forge may be off, either way: what the Standard Webhooks specification asks for. */
const toleranceSec = 300;

/** The secrets of a webhook, as each scheme needs them. Any of several may fit. */
export interface Keys {
  readonly hmac: readonly KeyObject[];
  /** Of those to sign with by Standard Webhooks. */
  readonly signing: readonly KeyObject[];
  /** SHA-256 of those that are sent as they are: of equal length, whatever the token's. */
  readonly tokens: readonly Buffer[];
}

/** A signing key is never a token: whoever could read one from a header could not sign with it, nor the other way round. */
export function readKeys(secrets: readonly string[]): Keys {
  return {
    hmac: secrets.map((secret) => createSecretKey(secret, 'utf8')),
    signing: secrets
      .filter((secret) => isSigningSecret(secret) && whyNoSigningKey(secret) === null)
      .map((secret) => createSecretKey(signingKeyOf(secret), 'base64')),
    tokens: secrets.filter((secret) => !isSigningSecret(secret)).map(sha256),
  };
}

/**
 * What the headers alone say about a proof: why it is refused, or `null` where the body has to be read. `nowSec` is the time
 * in seconds since 1970.
 */
export function refusedByHeaders(proof: Proof | null, keys: Keys, nowSec: number): string | null {
  if (proof === null) return 'the signature is missing or malformed';
  if (proof.scheme === 'token') return isToken(proof.token, keys) ? null : 'the token is wrong';
  if (proof.scheme === 'standard-webhooks' && Math.abs(nowSec - proof.timestamp) > toleranceSec)
    return 'the signature is too old, or a clock is wrong';
  return null;
}

/**
 * Whether a proof holds for exactly these bytes under one of the secrets. Takes the same time whatever the bytes and
 * whichever secret fits.
 */
export function isProven(proof: Proof, keys: Keys, body: Uint8Array): boolean {
  switch (proof.scheme) {
    case 'token':
      return isToken(proof.token, keys);
    case 'hmac-sha256': {
      const given = Buffer.from(proof.digest, 'hex');
      return anyOf(keys.hmac, (key) => timingSafeEqual(createHmac('sha256', key).update(body).digest(), given));
    }
    case 'standard-webhooks': {
      const given = proof.digests.map((digest) => Buffer.from(digest, 'base64'));
      return anyOf(keys.signing, (key) => {
        const right = createHmac('sha256', key).update(`${proof.id}.${proof.timestamp}.`).update(body).digest();
        return anyOf(given, (digest) => timingSafeEqual(right, digest));
      });
    }
  }
}

function isToken(token: string, { tokens }: Keys): boolean {
  const given = sha256(Buffer.from(token, 'latin1')); // Node gives each byte of a header as a character of its own
  return anyOf(tokens, (right) => timingSafeEqual(right, given));
}

/** Whether one of them fits, and all of them are looked at. */
function anyOf<T>(values: readonly T[], fits: (value: T) => boolean): boolean {
  return values.reduce((found, value) => fits(value) || found, false);
}

function sha256(text: string | Buffer): Buffer {
  return createHash('sha256').update(text).digest();
}
