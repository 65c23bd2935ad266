import assert from 'node:assert/strict';
import test from 'node:test';
import { isForeignWrite } from './foreign-write.ts';

const host = 'bough.example:9010';

for (const [what, method, headers, expected] of [
  ['a write of our own page', 'PUT', { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }, false],
  ['a write of our own page behind TLS', 'PUT', { host: 'bough.example', origin: 'https://bough.example' }, false],
  [
    'a write of our own page behind a proxy that names itself',
    'PUT',
    { host: '127.0.0.1:9010', origin: 'https://bough.example', 'sec-fetch-site': 'same-origin' },
    false,
  ],
  [
    'a write of another site that claims our origin',
    'PUT',
    { host, origin: `http://${host}`, 'sec-fetch-site': 'cross-site' },
    true,
  ],
  ['a write of no browser', 'PUT', { host }, false],
  ['a read of another site', 'GET', { host, origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' }, false],
  ['a write of another site', 'POST', { host, 'sec-fetch-site': 'cross-site' }, true],
  ['a write of another origin, from an old browser', 'POST', { host, origin: 'http://evil.example' }, true],
  ['a write of a sandboxed page', 'POST', { host, origin: 'null' }, true],
  ['a write with an origin that is none', 'POST', { host, origin: 'x' }, true],
] as const) {
  test(`${what} is ${expected ? '' : 'not '}a foreign write`, () => {
    assert.equal(isForeignWrite(method, headers), expected);
  });
}
