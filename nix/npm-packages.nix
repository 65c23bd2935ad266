# The production packages of npm-packages.json, fetched by the integrity that pnpm-lock.yaml records for each and laid out as
# pnpm has them. That file comes from the lockfile (script/docs/write.ts), so no hash is made by hand.
{
  fetchurl,
  lib,
  runCommand,
}:
let
  inherit (builtins) fromJSON readFile;
  inherit (lib) concatStrings escapeShellArg mapAttrsToList;
  placed = fromJSON (readFile ./npm-packages.json);

  tarball =
    { name, version, integrity, ... }:
    fetchurl {
      url = "https://registry.npmjs.org/${name}/-/${baseNameOf name}-${version}.tgz";
      hash = integrity;
    };
  link = target: path: ''
    mkdir -p "$(dirname ${escapeShellArg path})"
    ln -s ${escapeShellArg target} ${escapeShellArg path}
  '';
  place =
    instance: package:
    let
      folder = "node_modules/.pnpm/${instance}/node_modules";
    in
    ''
      mkdir -p ${escapeShellArg "${folder}/${package.name}"}
      tar --extract --gzip --file ${tarball package} --strip-components=1 --no-same-owner --mode=u+rwX,go+rX \
        --directory ${escapeShellArg "${folder}/${package.name}"}
    ''
    + concatStrings (mapAttrsToList (name: target: link target "${folder}/${name}") package.links);
in
runCommand "bough-npm-packages" { } ''
  mkdir $out
  cd $out
  ${concatStrings (mapAttrsToList place placed.store)}
  ${concatStrings (mapAttrsToList (path: target: link target path) placed.workspace)}
''
