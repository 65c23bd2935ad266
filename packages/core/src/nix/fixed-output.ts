/**
 * Whether a derivation is a fixed-output one, from the start of its file: its first output states a hash. Such a one
 * fetches, so that its failure may pass. Format: `Derive([("out","<path>","<hash algorithm>","<hash>")],…`.
 */
export function isFixedOutput(drvText: string): boolean {
  return /^Derive\(\[\("[^"]*","[^"]*","[^"]+"/.test(drvText);
}
