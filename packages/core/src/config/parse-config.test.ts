import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../app-error.ts';
import { parseConfig } from './parse-config.ts';

const good = {
  board: { passwordFile: '/etc/bough/board' },
  projects: {
    demo: { remote: '/srv/demo.git', webhookSecretFiles: ['/etc/bough/demo'], url: 'http://localhost:8080' },
  },
};
const parse = (config: unknown) => parseConfig(JSON.stringify(config), 'bough.json');
const problemsOf = (config: unknown): string => {
  try {
    parse(config);
  } catch (error) {
    if (error instanceof AppError && error.code === 'CONFIG_INVALID') return error.message;
    throw error;
  }
  return '';
};

test('the smallest configuration gets every default', () => {
  const config = parse(good);
  assert.equal(config.stateDir, '/var/lib/bough');
  assert.equal(config.projects['demo']?.production, 'main');
  assert.equal(config.projects['demo']?.health.path, '/');
});

test('every problem is named at once, with its path', () => {
  const problems = problemsOf({
    stateDirr: '/x',
    board: {},
    receiver: { port: 0 },
    projects: { demo: { ...good.projects.demo, url: 'ftp://x', remote: '--upload-pack=evil' } },
  });
  for (const path of [
    'stateDirr',
    'board.passwordFile',
    'receiver.port',
    'projects.demo.url',
    'projects.demo.remote',
  ]) {
    assert.ok(problems.includes(path), `${path} is missing in ${problems}`);
  }
});

test('what is wrong between settings is named together with what is wrong in one, and nothing is made up', () => {
  const subdomain = { ...good.projects.demo, url: 'http://site.example', routing: 'subdomain' };
  const problems = problemsOf({
    stateDirr: '/x',
    runtimeDir: `/srv/${'x'.repeat(60)}`,
    ports: { from: 3000, to: 2000, too: 1 },
    redis: { url: `unix:///srv/${'x'.repeat(60)}/redis.sock`, urls: [] },
    gc: { lowFreeGiB: 3, highFreeGiB: 2, evry: '1d' },
    projects: {
      demo: { ...subdomain, colour: 'red' },
      docs: { ...good.projects.demo, url: 'http://docs.site.example', helth: {} },
      more: { ...good.projects.demo, url: 'http://docs.site.example', listen: 'prot' },
      ip: { ...subdomain, url: 'http://127.0.0.1:8080', remote: '-x' },
    },
  });
  for (const line of [
    /^  - \(top level\): .*"stateDirr"/m,
    /^  - board: /m,
    /^  - ports: .*"too"/m,
    /^  - ports\.to: is below ports\.from$/m,
    /^  - redis: .*"urls"/m,
    /^  - redis\.url: the socket must have a folder of its own/m,
    /^  - gc\.highFreeGiB: must not be less than lowFreeGiB/m,
    /^  - projects\.demo: a socket below .* 107 is the limit/m,
    /^  - projects\.docs\.url, projects\.more\.url: they share the host docs\.site\.example/m,
    /^  - projects\.docs\.url: docs\.site\.example is where a branch of projects\.demo would be/m,
    /^  - projects\.ip\.routing: 127\.0\.0\.1 has no subdomains/m,
  ])
    assert.match(problems, line);

  const wrong = {
    ports: { from: 'x', to: 2000 },
    gc: { lowFreeGiB: 'x', highFreeGiB: 0 },
    projects: { a: { url: 5 }, b: 1 },
  };
  for (const line of [/below ports\.from/, /lowFreeGiB$/m, /share/]) assert.doesNotMatch(problemsOf(wrong), line);
});

test('what is not JSON is told as such', () => {
  assert.throws(
    () => parseConfig('{', 'bough.json'),
    (error) => error instanceof AppError && error.message.includes('is not JSON'),
  );
});

test('a folder that somebody else keeps something in is none for Bough to fill and empty', () => {
  const system = ['/', '/run', '/var/lib', '/var', '//var//lib', '/./run', '/nix', '/usr/local', '/etc/bough', '/root'];
  const people = ['/home', '/home/ada', '/run/user', '/run/user/1000'];
  for (const path of [...system, ...people]) {
    const problems = problemsOf({ ...good, stateDir: path, runtimeDir: path });
    assert.match(problems, /stateDir: must be/, path);
    assert.match(problems, /runtimeDir: must be/, path);
  }
  for (const path of ['/var/lib/bough', '/srv/bough', '/home/ada/.local/state/bough', '/run/user/1000/bough', '/data'])
    assert.equal(problemsOf({ ...good, stateDir: path, runtimeDir: '/run/bough' }), '', path);
});

test('a runtime folder in which a socket would not fit is refused, with the length it would have', () => {
  assert.match(problemsOf({ ...good, runtimeDir: `/run/${'x'.repeat(60)}` }), /107 is the limit/);
});

test('a project whose name has a double dash is refused: it parts the fields of unit names', () => {
  assert.match(problemsOf({ ...good, projects: { 'a--b': good.projects.demo } }), /a--b/);
});

for (const [remote, isGood] of [
  ['https://forge.example/x.git', true],
  ['https://token@forge.example/x.git', false],
  ['http://me:tok@en@forge.example/x.git', false],
  ['https://me:to/ken@forge.example/x.git', false],
  ['ssh://git@forge.example/x.git', true],
  ['ssh://git:word@forge.example/x.git', false],
  ['git@forge.example:x.git', true],
  ['/srv/x@y.git', true],
] as const) {
  test(`the remote ${remote} is ${isGood ? 'taken' : 'refused, and what it holds is not told'}`, () => {
    const problems = problemsOf({ ...good, projects: { demo: { ...good.projects.demo, remote } } });
    assert.equal(problems === '', isGood, problems);
    assert.doesNotMatch(problems, /tok|to\/ken|word/);
  });
}

test('a password in the address of Redis is refused, with where it belongs, and not told', () => {
  for (const url of ['redis://:geheim@localhost', 'rediss://me:ge@heim@localhost:6380/1']) {
    const problems = problemsOf({ ...good, redis: { url } });
    assert.match(problems, /redis\.url: must hold no password: .* redis\.passwordFile/);
    assert.doesNotMatch(problems, /heim/);
  }
  assert.equal(parse({ ...good, redis: { url: 'redis://me@localhost' } }).redis.url, 'redis://me@localhost');
});

test('a socket of Redis in a folder of somebody else is refused, as that would be given to a Redis of ours', () => {
  for (const url of ['unix:///run/redis/redis-server.sock', 'unix:///var/run/redis-forms/redis.sock'])
    assert.match(
      problemsOf({ ...good, redis: { url } }),
      /redis\.url: must not name a folder of somebody else in \/run/,
    );
  for (const url of [
    'unix:///run/bough-redis/redis.sock',
    'unix:///run/user/1000/bough/redis.sock',
    'unix:///srv/r/r.sock',
  ])
    assert.equal(parse({ ...good, redis: { url } }).redis.url, url);
});

test('a socket of Redis is an absolute path of one line', () => {
  for (const url of [
    'unix://redis.sock',
    'unix://',
    'unix:///',
    'unix:///run/bough-redis/',
    'unix:///run/bough-redis/../x',
  ])
    assert.match(
      problemsOf({ ...good, redis: { url } }),
      /redis\.url: must be unix:\/\/ and an absolute path, such as/,
      url,
    );
  for (const url of ['unix:///run/bough-redis/r.sock\nport 6379', 'unix:///srv/r\r', 'redis://local\nhost'])
    assert.match(problemsOf({ ...good, redis: { url } }), /redis\.url: must not hold line breaks/, url);
});

test('Caddy listens on an address and a port that there are', () => {
  for (const listen of [':8080', '127.0.0.1:80', '[::1]:443', '[::]:1', 'localhost:65535'])
    assert.equal(parse({ ...good, caddy: { listen } }).caddy.listen, listen);
  for (const listen of [':99999', ':65536', ':0', '999.0.0.1:80', '1.2.3:80', '[:::]:80', '8080', 'example.org:80'])
    assert.match(problemsOf({ ...good, caddy: { listen } }), /caddy\.listen: must be \[address\]:port/, listen);
});

test('a socket of Redis among those of the branches is refused, as its folder goes with that Redis', () => {
  for (const url of ['unix:///run/bough/redis.sock', 'unix:///run/bough/redis/redis.sock'])
    assert.match(problemsOf({ ...good, redis: { url } }), /redis\.url: the socket must have a folder of its own/);
});

test('relative folders and folders that climb are refused', () => {
  assert.match(problemsOf({ ...good, stateDir: 'state' }), /stateDir/);
  assert.match(problemsOf({ ...good, stateDir: '/var/../etc' }), /stateDir/);
});

const durations = [
  ['sweepIntervalSec'],
  ['receiver', 'requestTimeoutSec'],
  ['build', 'evalTimeoutSec'],
  ['build', 'timeoutSec'],
  ['build', 'silenceTimeoutSec'],
  ['build', 'fetchTimeoutSec'],
  ['reconcile', 'settleSec'],
  ['reconcile', 'drainSec'],
  ['reconcile', 'stopTimeoutSec'],
  ['projects', 'demo', 'health', 'timeoutSec'],
  ['projects', 'demo', 'health', 'intervalSec'],
];

test('a duration no timer can hold is refused, as that would be over at once', () => {
  const twelveDays = 1_036_800;
  for (const path of durations) {
    assert.equal(problemsOf(withSetting(path, twelveDays)), '', path.join('.'));
    assert.ok(
      problemsOf(withSetting(path, twelveDays + 1)).includes(`${path.join('.')}: must be at most 1036800 seconds`),
      path.join('.'),
    );
  }
});

test('a span of time is no longer as a number than as a text', () => {
  const spans = [
    ['receiver', 'keepDeliveries'],
    ['reconcile', 'probation'],
    ['gc', 'every'],
    ['gc', 'keepLogs'],
    ['projects', 'demo', 'sleepAfter'],
    ['projects', 'demo', 'ttl'],
  ];
  for (const path of spans) {
    for (const longest of ['9999999d', 9_999_999 * 86_400])
      assert.equal(problemsOf(withSetting(path, longest)), '', path.join('.'));
    assert.match(problemsOf(withSetting(path, 1e300)), new RegExp(`${path.join('.')}: must be at most 9999999d`));
  }
});

test('projects that share a host are refused, by name: the host tells them apart', () => {
  const second = { ...good.projects.demo, url: 'http://localhost:9090' };
  assert.match(
    problemsOf({ ...good, projects: { ...good.projects, second } }),
    /projects\.demo\.url, projects\.second\.url/,
  );
});

test('a url with a path is refused', () => {
  assert.match(
    problemsOf({ ...good, projects: { demo: { ...good.projects.demo, url: 'http://localhost/previews' } } }),
    /no path/,
  );
});

test('by subdomain, an address without subdomains is refused, and a project where a branch of another would be', () => {
  const demo = { ...good.projects.demo, routing: 'subdomain' };
  for (const host of ['127.0.0.1', '[::1]']) {
    const projects = { demo: { ...demo, url: `http://${host}:8080` } };
    assert.match(problemsOf({ ...good, projects }), /projects\.demo\.routing: .* has no subdomains/);
  }
  const projects = {
    demo: { ...demo, url: 'http://site.example' },
    second: { ...good.projects.demo, url: 'http://docs.site.example' },
  };
  assert.match(problemsOf({ ...good, projects }), /projects\.second\.url: docs\.site\.example is where a branch of/);
});

/** The smallest configuration with one setting more. */
function withSetting([name = '', ...below]: readonly string[], value: unknown, config: object = good): object {
  const there: unknown = Object.entries(config).find(([key]) => key === name)?.[1];
  const parent = typeof there === 'object' && there !== null ? there : {};
  return { ...config, [name]: below.length === 0 ? value : withSetting(below, value, parent) };
}
