// One Debian is enough: Chromium is in that image alone, and what it shows does not depend on the Debian below.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import type { BrowserContext } from 'playwright-core';
import { appFiles } from '../support/app-files.ts';
import { openChromium } from '../support/chromium.ts';
import { get, type Installation, install } from '../support/installation.ts';
import { until } from '../support/until.ts';

const mayPass = '/srv/bough-test/may-pass';
const shots = process.env['BOUGH_SCREENSHOTS'];

let bough: Installation;
let browser: BrowserContext;
before(async () => {
  bough = await install();
  browser = await openChromium();
});
after(async () => {
  await browser.close();
  await bough[Symbol.asyncDispose]();
});

test('a broken build is red on the board; once its cause is removed, retry in the page makes the branch live', async () => {
  await bough.push('main', appFiles({ text: 'the old release' }));
  await bough.untilServes('main', 'the old release');
  const build = `test -e ${mayPass} || { echo "src/main.c:7: error: expected ';' before '}' token" >&2; exit 1; }`;
  await bough.push('main', appFiles({ text: 'the new release', build }));
  await until('the job has failed', async () => (await bough.builds.getFailedCount()) === 1);

  const page = await browser.newPage();
  await page.goto('http://127.0.0.1:9010/board/queue/build?status=failed');
  await page.getByText('BUILD_FAILED').first().waitFor();
  await page.getByText("expected ';' before '}' token").first().waitFor();
  if (shots !== undefined) await page.screenshot({ path: `${shots}/failed.png` });
  assert.match((await get('/main/')).body, /the old release/);

  await writeFile(mayPass, '');
  await page.locator('li button:has(svg.lucide-refresh-cw)').filter({ hasText: /^$/ }).click(); // the card's own retry has no name
  await page.getByRole('button', { name: 'Confirm' }).click();

  await bough.untilServes('main', 'the new release');
  await page.goto('http://127.0.0.1:9010/board/queue/build?status=completed');
  await page.getByText('build demo main').first().waitFor();
  if (shots !== undefined) await page.screenshot({ path: `${shots}/completed.png` });
  assert.equal(await bough.builds.getFailedCount(), 0);
});

test('the page of a live branch is what its app answers', async () => {
  const page = await browser.newPage();
  await page.goto('http://127.0.0.1:8080/main/');
  assert.match((await page.textContent('body')) ?? '', /the new release from release 2 of main/);
});

test('an unknown branch gets a plain page that names nothing of the host', async () => {
  const page = await browser.newPage();
  const response = await page.goto('http://127.0.0.1:8080/no-such-branch/');
  if (shots !== undefined) await page.screenshot({ path: `${shots}/unknown.png` });
  assert.equal(response?.status(), 404);
  assert.doesNotMatch(await page.content(), /demo|\/run\//);
});
