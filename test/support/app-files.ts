import { readdir, readFile } from 'node:fs/promises';

const notes = '/srv/bough-test/builds';

/** Makes the outputs of this run its own: one the store has already would not be built. */
const nonce = Date.now();

/** What an app of the tests is like. */
export interface AppOptions {
  /** What it answers, before its release. */
  readonly text: string;
  /** How long its build takes. */
  readonly buildSec?: number;
  /** Shell lines that run in the build, before the output is made. */
  readonly build?: string;
  /** The whole server, in place of the one that answers `text`. */
  readonly server?: string;
  /** Files put over the ones made here; an empty text removes one. */
  readonly files?: Record<string, string>;
}

const answering = (text: string) => `import { createServer } from 'node:http';
const server = createServer((request, response) => {
  response.setHeader('x-release', process.env.BOUGH_RELEASE);
  response.end(${JSON.stringify(text)} + ' from release ' + process.env.BOUGH_RELEASE + ' of ' + process.env.BOUGH_BRANCH + '\\n');
});
server.listen(Number(process.env.PORT), '127.0.0.1');
`;

/** The files of a branch: a flake without inputs, whose builder notes its start and end by its own clock. */
export function appFiles({
  text,
  buildSec = 0,
  build = '',
  server = answering(text),
  files = {},
}: AppOptions): Record<string, string> {
  const all = {
    'flake.nix': `{
  outputs = { self }: {
    packages.x86_64-linux.default = derivation {
      name = "app";
      system = "x86_64-linux";
      builder = "/bin/sh";
      args = [ ./build.sh ];
      src = ./.;
      PATH = "/bin:/usr/bin";
    };
  };
}
`,
    'build.sh': `set -eu # ${nonce}
note=${notes}/$(date +%s%N).$$
echo "${text} start $(date +%s%N)" > "$note"
i=0
while [ $i -lt ${Math.round(buildSec * 20)} ]; do sleep 0.05; date +%s%N >> "$note"; i=$((i + 1)); done
${build}
mkdir -p "$out/bin"
cp "$src/server.mjs" "$out/server.mjs"
printf '#!/bin/sh\\nexec ${process.execPath} %s/server.mjs\\n' "$out" > "$out/bin/app"
chmod +x "$out/bin/app"
echo "${text} end $(date +%s%N)" >> "$note"
`,
    'server.mjs': server,
    ...files,
  };
  return Object.fromEntries(Object.entries(all).filter(([, content]) => content !== ''));
}

/** One run of a builder, by its own clock in nanoseconds. It notes its time every 50 ms: `last` is its end or its last sign. */
export interface BuildRun {
  readonly text: string;
  readonly start: bigint;
  readonly last: bigint;
  readonly ended: boolean;
}

/** Every run of a builder since the installation, in the order they began. */
export async function buildRuns(): Promise<BuildRun[]> {
  const runs: BuildRun[] = [];
  for (const name of await readdir(notes)) {
    const lines = (await readFile(`${notes}/${name}`, 'utf8')).trim().split('\n');
    const [, text = '', start = '0'] = /^(.*) start (\d+)$/.exec(lines[0] ?? '') ?? [];
    const last = lines.at(-1) ?? '';
    runs.push({
      text,
      start: BigInt(start),
      last: BigInt(/(\d+)$/.exec(last)?.[1] ?? start),
      ended: last.includes(' end '),
    });
  }
  return runs.toSorted((a, b) => (a.start < b.start ? -1 : 1));
}

/** Nanoseconds during which two builders ran at once, over all runs. */
export function overlap(runs: readonly BuildRun[]): bigint {
  let total = 0n;
  let end = 0n;
  for (const { start, last } of runs) {
    if (start < end) total += (last < end ? last : end) - start;
    if (last > end) end = last;
  }
  return total;
}
