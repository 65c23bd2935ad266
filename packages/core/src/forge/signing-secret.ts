const prefix = 'whsec_';
const leastBytes = 24; // https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=|[A-Za-z0-9+/][AQgw]==)?$/;

/** Whether a secret is one to sign with by Standard Webhooks, by its prefix. */
export function isSigningSecret(secret: string): boolean {
  return secret.startsWith(prefix);
}

/** The key of a signing secret, in base64. */
export function signingKeyOf(secret: string): string {
  return secret.slice(prefix.length);
}

/**
 * Why a signing secret is none, without a word of what it holds; `null`: it is one. Node decodes what is no base64 to fewer
 * bytes, and `whsec_` alone to none: a key everybody has.
 */
export function whyNoSigningKey(secret: string): string | null {
  const key = signingKeyOf(secret);
  if (!base64.test(key)) return `what follows ${prefix} is not base64`;
  const bytes = Math.floor((key.replace(/=+$/, '').length * 3) / 4);
  return bytes < leastBytes ? `what follows ${prefix} is a key of ${bytes} bytes; ${leastBytes} are the least` : null;
}
