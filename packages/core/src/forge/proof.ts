/** A way in which a forge proves that a delivery is its own. */
export type Verification =
  /** The header holds the HMAC-SHA256 of the body in hex, after `prefix`. */
  | { readonly scheme: 'hmac-sha256'; readonly header: string; readonly prefix: '' | 'sha256=' }
  /** The header holds the secret itself. */
  | { readonly scheme: 'token'; readonly header: string }
  /** `webhook-id`, `webhook-timestamp` and `webhook-signature` (https://www.standardwebhooks.com). */
  | { readonly scheme: 'standard-webhooks' };

/** What the headers of a delivery offer as proof, in the right form but not yet checked. */
export type Proof =
  | { readonly scheme: 'hmac-sha256'; readonly digest: string }
  | { readonly scheme: 'token'; readonly token: string }
  | {
      readonly scheme: 'standard-webhooks';
      readonly id: string;
      /** Seconds since 1970. */
      readonly timestamp: number;
      /** Base64 of 32 bytes each: one for each key of the sender. */
      readonly digests: readonly string[];
    };

/** The headers of a request, names in lower case. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

const maxDigests = 8; // more keys at once are no rotation but work for the receiver

/** The proof a delivery offers, or `null` where there is none or it is malformed: told before the body is read. */
export function readProof(verifications: readonly Verification[], headers: Headers): Proof | null {
  const chosen = verifications.find((verification) => headers[headerOf(verification)] !== undefined);
  if (chosen === undefined) return null;
  const value = headers[headerOf(chosen)];
  if (typeof value !== 'string') return null;
  switch (chosen.scheme) {
    case 'hmac-sha256':
      return hmac(value, chosen.prefix);
    case 'token':
      return value === '' ? null : { scheme: 'token', token: value };
    case 'standard-webhooks':
      return standard(value, headers['webhook-id'], headers['webhook-timestamp']);
  }
}

/** Whether a delivery offers no proof at all, not even a malformed one. */
export function isUnsigned(verifications: readonly Verification[], headers: Headers): boolean {
  return verifications.every((verification) => headers[headerOf(verification)] === undefined);
}

/** The header a verification stands or falls with. */
export function headerOf(verification: Verification): string {
  return verification.scheme === 'standard-webhooks' ? 'webhook-signature' : verification.header;
}

function hmac(value: string, prefix: string): Proof | null {
  const digest = value.slice(prefix.length);
  return value.startsWith(prefix) && /^[0-9a-f]{64}$/.test(digest) ? { scheme: 'hmac-sha256', digest } : null;
}

/** `v1,<base64>`, several apart by a space; versions other than `v1` are for other receivers. */
function standard(value: string, id: unknown, timestamp: unknown): Proof | null {
  const digests = value.split(' ').flatMap((one) => /^v1,([A-Za-z0-9+/]{43}=)$/.exec(one)?.[1] ?? []);
  const isWhole = typeof id === 'string' && id !== '' && typeof timestamp === 'string' && /^\d{1,12}$/.test(timestamp);
  if (!isWhole || digests.length === 0 || digests.length > maxDigests) return null;
  return { scheme: 'standard-webhooks', id, timestamp: Number(timestamp), digests };
}
