# `nix flake check`: the tests that need nothing but Node.
{
  bash,
  callPackage,
  nodejs_24,
  runCommand,
  self,
}:
runCommand "bough-unit" { } ''
  cp -r ${self} checkout
  chmod -R u+w checkout
  cd checkout
  cp -r --no-preserve=mode ${callPackage ../npm-packages.nix { development = true; }}/. .
  echo given >node_modules/.bough-fingerprint
  patchShebangs script
  HOME=$PWD BOUGH_NODE_DIR=${nodejs_24} ${bash}/bin/bash script/test unit
  touch $out
''
