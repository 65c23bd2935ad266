# `nix flake check`: the tests that need nothing but Node.
{
  bashInteractive,
  callPackage,
  nodejs_24,
  runCommand,
  self,
  util-linux,
}:
let
  # Completions are tried in a bash that has them, the worker lock with flock.
  nativeBuildInputs = [
    bashInteractive
    util-linux
  ];
in
runCommand "bough-unit" { inherit nativeBuildInputs; } ''
  cp -r ${self} checkout
  chmod -R u+w checkout
  cd checkout
  cp -r --no-preserve=mode ${callPackage ../npm-packages.nix { development = true; }}/. .
  echo given >node_modules/.bough-fingerprint
  patchShebangs script
  HOME=$PWD BOUGH_NODE_DIR=${nodejs_24} ${bashInteractive}/bin/bash script/test unit
  touch $out
''
