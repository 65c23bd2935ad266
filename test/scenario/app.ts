import type { Settings } from './settings.ts';

/** Neither a registry nor an input is asked: a lock without entries. */
const lock = `{"nodes":{"root":{}},"root":"root","version":7}\n`;

/**
 * A branch that answers `text`. What it is built with and run by is in the store of the host already; a path of the store
 * gets into a derivation of a pure evaluation by its context alone, as `builtins.storePath` is refused there.
 */
export function appFiles(text: string, { shell, node }: Settings): Record<string, string> {
  const system = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux`;
  return {
    'flake.lock': lock,
    'flake.nix': `{
  outputs =
    { self }:
    let
      inStore = path: builtins.appendContext path { \${path} = { path = true; }; };
      shell = inStore "${shell}";
    in
    {
      packages.${system}.default = derivation {
        name = "scenario";
        system = "${system}";
        builder = "\${shell}/bin/sh";
        args = [ ./build.sh ];
        PATH = "\${shell}/bin";
        node = inStore "${node}";
        server = ./server.mjs;
        inherit shell;
      };
    };
}
`,
    'build.sh': `set -eu
mkdir -p "$out/bin"
cp "$server" "$out/server.mjs"
printf '#!%s/bin/sh\\nexec %s/bin/node %s/server.mjs\\n' "$shell" "$node" "$out" > "$out/bin/app"
chmod +x "$out/bin/app"
`,
    'server.mjs': `import { createServer } from 'node:http';
createServer((_, response) => response.end(${JSON.stringify(text)})).listen(Number(process.env.PORT), '127.0.0.1');
`,
  };
}
