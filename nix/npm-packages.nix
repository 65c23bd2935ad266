# The packages of npm-packages.json, fetched by the integrity that pnpm-lock.yaml records for each and laid out as pnpm does.
# That file comes from the lockfile (script/docs/write.ts), so no hash is made by hand.
{
  fetchurl,
  lib,
  runCommand,
  # What tests need as well.
  development ? false,
}:
let
  inherit (builtins) fromJSON readFile;
  inherit (lib) concatStrings escapeShellArg mapAttrsToList;
  packages = fromJSON (readFile ./npm-packages.json);
  all = name: packages.production.${name} // (if development then packages.development.${name} else { });

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
      beside = "node_modules/.pnpm/${instance}/node_modules";
      folder = escapeShellArg "${beside}/${package.name}";
    in
    ''
      mkdir -p ${folder}
      tar --extract --gzip --file ${tarball package} --strip-components=1 --no-same-owner --directory ${folder}
      chmod -R u+rwX,go+rX ${folder}
    ''
    + concatStrings (mapAttrsToList (name: target: link target "${beside}/${name}") package.links);
in
runCommand "bough-npm-packages" { } ''
  mkdir $out
  cd $out
  ${concatStrings (mapAttrsToList place (all "store"))}
  ${concatStrings (mapAttrsToList (path: target: link target path) (all "workspace"))}
''
