import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adviseOnNix } from '../../script/lib/demo/advise-on-nix.ts';
import { choosePlace, type Host } from '../../script/lib/demo/choose-place.ts';

const user: Host = { isRoot: false, hasUserManager: true, isEquipped: false };
const root: Host = { ...user, isRoot: true };

test('root who logged in, and so has a systemd, is given a machine unless the host has all that is needed', () => {
  assert.equal(choosePlace(root), 'machine');
  assert.equal(choosePlace({ ...root, isEquipped: true }), 'user-manager');
  assert.equal(choosePlace({ ...root, hasUserManager: false }), 'machine');
});

test('a user is in a systemd of their own, or is to be told that a machine needs root', () => {
  assert.equal(choosePlace(user), 'user-manager');
  assert.equal(choosePlace({ ...user, hasUserManager: false }), 'machine');
});

test('root is not told to run the demo as root', () => {
  for (const said of [
    'mkdir: not found',
    "cannot connect to socket at '/nix/var/nix/daemon-socket/socket': Permission denied",
    'no space left on device',
  ]) {
    assert.match(adviseOnNix(said, false), /Run the demo as root/);
    assert.doesNotMatch(adviseOnNix(said, true), /as root/);
  }
});
