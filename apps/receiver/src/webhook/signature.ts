import type { Proof } from '@bough/core/forge/proof.ts';
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** How far the clock of a forge may be off, either way: what the Standard Webhooks specification asks for. */
const toleranceSec = 300;
const signingPrefix = 'whsec_';

/**
 * What the headers alone say about a proof: why it is refused, or `null` where the body has to be read. Any of several
 * secrets may fit. `nowSec` is the time in seconds since 1970.
 */
export function refusedByHeaders(proof: Proof | null, secrets: readonly string[], nowSec: number): string | null {
  if (proof === null) return 'the signature is missing or malformed';
  if (proof.scheme === 'token') return isToken(proof.token, secrets) ? null : 'the token is wrong';
  if (proof.scheme === 'standard-webhooks' && Math.abs(nowSec - proof.timestamp) > toleranceSec)
    return 'the signature is too old, or a clock is wrong';
  return null;
}

/**
 * Whether a proof holds for exactly these bytes under one of the secrets. Takes the same time whatever the bytes and
 * whichever secret fits.
 */
export function isProven(proof: Proof, secrets: readonly string[], body: Uint8Array): boolean {
  switch (proof.scheme) {
    case 'token':
      return isToken(proof.token, secrets);
    case 'hmac-sha256': {
      const given = Buffer.from(proof.digest, 'hex');
      return anyOf(secrets, (secret) => timingSafeEqual(createHmac('sha256', secret).update(body).digest(), given));
    }
    case 'standard-webhooks': {
      const given = proof.digests.map((digest) => Buffer.from(digest, 'base64'));
      return anyOf(signingKeys(secrets), (key) => {
        const right = createHmac('sha256', key).update(`${proof.id}.${proof.timestamp}.`).update(body).digest();
        return anyOf(given, (digest) => timingSafeEqual(right, digest));
      });
    }
  }
}

/** A signing key is never a token: whoever could read one from a header could not sign with it, nor the other way round. */
function isToken(token: string, secrets: readonly string[]): boolean {
  const given = sha256(token);
  const tokens = secrets.filter((secret) => !secret.startsWith(signingPrefix));
  return anyOf(tokens, (secret) => timingSafeEqual(sha256(secret), given)); // of equal length, whatever the token's
}

function signingKeys(secrets: readonly string[]): Buffer[] {
  return secrets
    .filter((secret) => secret.startsWith(signingPrefix))
    .map((secret) => Buffer.from(secret.slice(signingPrefix.length), 'base64'));
}

/** Whether one of them fits, and all of them are looked at. */
function anyOf<T>(values: readonly T[], fits: (value: T) => boolean): boolean {
  return values.reduce((found, value) => fits(value) || found, false);
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
