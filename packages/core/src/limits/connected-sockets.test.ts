import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectedSockets } from './connected-sockets.ts';

test('a socket with a connection, taken or waiting, is told from one that only listens', () => {
  // Recorded on Linux 6.18: `port` has an accepted connection, `sock` one that waits for its app, `idle` none.
  const table = `Num       RefCount Protocol Flags    Type St Inode Path
0000000011a9283e: 00000003 00000000 00000000 0001 03 1161088 /run/bough/demo/port/r1-web.sock
00000000a5a270f2: 00000002 00000000 00010000 0001 01 1149192 /run/bough/demo/port/r1-web.sock
0000000021ecef74: 00000003 00000000 00000000 0001 02     0 /run/bough/demo/sock/r1-web.sock
000000001ffa9c39: 00000002 00000000 00010000 0001 01 1150478 /run/bough/demo/sock/r1-web.sock
00000000c85c7615: 00000002 00000000 00010000 0001 01 1188403 /run/bough/demo/idle/r1-web.sock
00000000e85c7615: 00000003 00000000 00000000 0001 03 1188404
`;

  const found = connectedSockets(table);

  assert.deepEqual([...found].toSorted(), ['/run/bough/demo/port/r1-web.sock', '/run/bough/demo/sock/r1-web.sock']);
});
