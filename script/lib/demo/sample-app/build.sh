# shellcheck shell=sh disable=SC2154
# Run by Nix (see flake.nix): $src is the source, $out the store path to fill, $nodejs the Node it runs on.
set -eu

echo "checking the syntax of $(ls "$src")"
for file in "$src"/*.js; do "$nodejs/bin/node" --check "$file"; done

mkdir -p "$out/bin" "$out/lib"
cp "$src"/* "$out/lib/"
printf '#!/bin/sh\nexec %s/bin/node %s/lib/server.js\n' "$nodejs" "$out" >"$out/bin/hello"
chmod 755 "$out/bin/hello"
