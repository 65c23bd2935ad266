# `nix flake check`: the claims of evaluation.nix, by the `lib` of this flake's nixpkgs.
{ lib, runCommand }:
let
  broken = import ./evaluation.nix { inherit lib; };
in
assert lib.assertMsg (broken == [ ]) "services.bough is not as it should be: ${toString broken}";
runCommand "bough-evaluation" { } "touch $out"
