import type { ForgeAdapter } from '@bough/core/forge/adapter.ts';
import { type Headers, isUnsigned } from '@bough/core/forge/proof.ts';
import type { Answer } from './answer.ts';

const largest = 64; // bytes, blanks included

/** Whether an unsigned delivery may be the forge's way to try the webhook, by its headers: then its body is worth a look. */
export function mayBeTest(adapter: ForgeAdapter, headers: Headers): boolean {
  const { unsignedTest, eventHeader, verifications } = adapter;
  if (unsignedTest === undefined || !isUnsigned(verifications, headers)) return false;
  return headers[eventHeader] === unsignedTest.event && Number(headers['content-length']) <= largest;
}

/** The answer to the forge's way to try the webhook; `null`: this is none. Compared, not parsed: it is not signed. */
export function answerToTest({ unsignedTest }: ForgeAdapter, body: Buffer): Answer | null {
  if (body.toString('latin1').replace(/[ \t\r\n]/g, '') !== unsignedTest?.body) return null;
  return {
    status: 200,
    outcome: 'pong',
    reason: 'the webhook is reached; this test is not signed, so the secret was not tried',
  };
}
