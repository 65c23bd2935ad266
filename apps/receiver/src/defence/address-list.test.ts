import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAddressList } from './address-list.ts';

test('a list holds its networks and addresses of both families, and IPv4 written as IPv6', () => {
  const isOn = createAddressList(['192.30.252.0/22', '10.0.0.1', '2a0a:a440::/29', '::1']);

  for (const address of ['192.30.253.9', '::ffff:192.30.253.9', '10.0.0.1', '2a0a:a441::5', '::1'])
    assert.equal(isOn(address), true, address);
  for (const address of ['192.30.251.255', '10.0.0.2', '2a0a:a448::1', '::2', '', 'localhost', '192.30.253.9, 1.2.3.4'])
    assert.equal(isOn(address), false, address);
});

test('an empty list holds nothing', () => {
  assert.equal(createAddressList([])('127.0.0.1'), false);
});
