import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';

/** A real Chromium, headless, with the board's user and password. Its profile is new and its home calls are off. */
export async function openChromium(): Promise<BrowserContext> {
  return await chromium.launchPersistentContext(await mkdtemp(join(tmpdir(), 'bough-chromium-')), {
    executablePath: '/usr/bin/chromium',
    headless: true,
    viewport: { width: 1280, height: 900 },
    httpCredentials: { username: 'bough', password: 'board password' },
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
