// @ts-check
// The `ExecStartPost=` of an app that listens on PORT: ends well once the port is listened on, ill when the process has
// ended or the time is up. It runs as the app's user in the app's sandbox, so it is one file without packages. And it runs
// at each wake, so it is JavaScript: taking the types off took Node longer than all the rest of its start.
import { connect } from 'node:net';

const [port = '', seconds = ''] = process.argv.slice(2);
const mainPid = Number(process.env['MAINPID']); // set by systemd, see systemd.exec(5)
const deadline = performance.now() + Number(seconds) * 1000; // no clock: that may jump, most of all after a boot

function attempt() {
  const socket = connect({ host: '127.0.0.1', port: Number(port) });
  socket.on('connect', () => process.exit(0));
  socket.on('error', () => {
    if (!isAlive(mainPid)) fail(`the process ended before it listened on port ${port}`);
    if (performance.now() > deadline)
      fail(`nothing listened on 127.0.0.1:${port} within ${seconds} s; listen on $PORT`);
    setTimeout(attempt, 25);
  });
}

/** @param {number} pid */
function isAlive(pid) {
  if (!(pid > 0)) return true; // not told: only the deadline decides
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/**
 * @param {string} reason
 * @returns {never}
 */
function fail(reason) {
  console.error(`bough: ${reason}`);
  process.exit(1);
}

attempt();
