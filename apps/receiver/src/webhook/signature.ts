import { createHmac, timingSafeEqual } from 'node:crypto';

const form = /^sha256=[0-9a-f]{64}$/;

/** Whether a header could be a signature at all: tells before the body is read. */
export function isSignature(header: unknown): header is string {
  return typeof header === 'string' && form.test(header);
}

/**
 * Whether `signature`, an `X-Hub-Signature-256` of the right form, is the HMAC-SHA256 of exactly these bytes under one of
 * the secrets. Takes the same time whatever the bytes and whichever secret fits.
 */
export function isSignedBy(secrets: readonly string[], body: Uint8Array, signature: string): boolean {
  const given = Buffer.from(signature.slice('sha256='.length), 'hex');
  let found = false;
  for (const secret of secrets) {
    const right = createHmac('sha256', secret).update(body).digest();
    found = timingSafeEqual(right, given) || found;
  }
  return found;
}
