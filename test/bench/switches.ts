// Switches under load: no request fails, and a WebSocket and a stream of another branch go on. In a machine, as root:
//   script/machine exec NAME -- node /opt/bough/test/bench/switches.ts [SWITCHES] [REQUESTS A SECOND]
import { once } from 'node:events';
import { request } from 'node:http';
import { appFiles } from '../support/app-files.ts';
import { chatServer } from '../support/chat-app.ts';
import { install } from '../support/installation.ts';
import { startLoad } from '../support/load.ts';
import { until } from '../support/until.ts';
import { show, showPlace } from './figures.ts';

const switches = Number(process.argv[2] ?? 50);
const rate = Number(process.argv[3] ?? 600);
await using bough = await install({}, { health: {} }); // the deadline of a host: load is no reason to refuse a release
await bough.push('chat', appFiles({ text: 'chat', server: chatServer }));
await bough.push('main', appFiles({ text: 'version 0.' }));
await bough.untilServes('chat', 'chat');
await bough.untilServes('main', 'version 0.');
await bough.untilIdle();
showPlace('before');

const ends: string[] = [];
const socket = new WebSocket('ws://127.0.0.1:8080/chat/');
for (const name of ['close', 'error'] as const) socket.addEventListener(name, () => ends.push(`socket: ${name}`));
await once(socket, 'open');
const heard = arrivals();
let asked = 0;
let talks = true;
const say = () => socket.send(`message ${(asked += 1)}`);
socket.addEventListener('message', ({ data }) => {
  heard.add(String(data));
  if (talks) setTimeout(say, 50); // one after the other: the app takes a message for each piece it reads
});
say();
const [stream] = await once(request('http://127.0.0.1:8080/chat/stream').end(), 'response');
const lines = arrivals();
stream.on('data', (chunk: Buffer) => lines.add(String(chunk)));
for (const name of ['end', 'aborted', 'error']) stream.on(name, () => ends.push(`stream: ${name}`));

const load = startLoad('/main/', { connections: 16, rate });
const times: number[] = [];
for (let version = 1; version <= switches; version++) {
  const commit = await bough.repository.commit('main', appFiles({ text: `version ${version}.` }));
  const began = performance.now();
  await bough.deliverPush('main', commit);
  await bough.untilServes('main', `version ${version}.`, 120_000);
  times.push(performance.now() - began);
  await bough.untilIdle(120_000);
}
const result = await load.stop();
talks = false;
await until('the last message is answered', () => heard.count() === asked || ends.length > 0);

showPlace('after');
console.log(`${switches} switches: ${result.text}`);
show('delivery to live under this load, settle time of 500 ms included', times);
show('WebSocket of another branch: time between two answers, asked 50 ms after the last', heard.gaps());
show('stream of another branch: time between two lines, sent every 20 ms', lines.gaps());
console.log(
  `WebSocket: ${heard.count()} of ${asked} messages answered, by ${heard.processes()} process; ` +
    `stream: by ${lines.processes()} process; ended: ${ends.join(', ') || 'neither'}`,
);
stream.destroy();
socket.close();

/** Keeps when something came, and from which process. */
function arrivals() {
  const moments: number[] = [];
  const pids = new Set<string>();
  return {
    add(text: string): void {
      moments.push(performance.now());
      for (const [, pid = ''] of text.matchAll(/^(?:line of )?(\d+)/gm)) pids.add(pid);
    },
    count: () => moments.length,
    gaps: () => moments.slice(1).map((moment, index) => moment - (moments[index] ?? 0)),
    processes: () => pids.size,
  };
}
