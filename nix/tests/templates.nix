# `nix flake check`: each template, as it is handed out, built with the nixpkgs of this flake.
{ nixpkgs, pkgs, self }:
pkgs.lib.mapAttrs' (name: template: {
  name = "template-${name}";
  value =
    ((import (template.path + "/flake.nix")).outputs {
      inherit nixpkgs;
      bough = self;
    }).packages.${pkgs.stdenv.hostPlatform.system}.default;
}) (import ../templates)
