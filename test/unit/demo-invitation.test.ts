import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inviteTo } from '../../script/lib/demo/invitation.ts';
import { observePerson, type Person } from '../../script/lib/demo/person.ts';

const ready = {
  urls: new Map([
    ['main', 'http://127.0.0.1:8080/main/'],
    ['feature/hello', 'http://127.0.0.1:8080/feature-hello-1/'],
  ]),
  board: { url: 'http://127.0.0.1:9010/board', user: 'bough', password: 'secret' },
  repository: "/home/o'brien/hello.git",
};
const invite = (person: Person) => inviteTo(ready, { name: 'a place' }, person);
const here: Person = { bySudo: false, ssh: null };

test('the commands name the repository as a shell reads it, and neither ssh nor sudo where nobody needs them', () => {
  const text = invite(here);

  assert.match(text, / '\/home\/o'\\''brien\/hello\.git' hello && cd hello\n/);
  assert.doesNotMatch(text, /ssh|sudo/);
});

test('whoever came by sudo reads it before every command that touches what is of root', () => {
  const [clone, change] =
    invite({ ...here, bySudo: true })
      .split('Now make it yours:\n')[1]
      ?.split('\n') ?? [];

  assert.match(clone ?? '', /^ {2}sudo git clone .* && cd hello$/);
  assert.match(change ?? '', /^ {2}sudo sed .* && sudo git commit .* && sudo git push$/);
});

test('whoever came by SSH reads how to bring both ports to where they sit, each once', () => {
  assert.match(
    invite({ ...here, ssh: 'ada@192.0.2.7' }),
    /^ {2}ssh -N -L 8080:127\.0\.0\.1:8080 -L 9010:127\.0\.0\.1:9010 ada@192\.0\.2\.7$/m,
  );
});

test('the way back is the address and the port that sshd was reached at', () => {
  const ssh = (port: number) =>
    observePerson({ SUDO_USER: 'ada', SSH_CONNECTION: `198.51.100.1 50000 192.0.2.7 ${port}` }).ssh;

  assert.equal(ssh(22), 'ada@192.0.2.7');
  assert.equal(ssh(2222), '-p 2222 ada@192.0.2.7');
  assert.deepEqual(observePerson({}), here);
});
