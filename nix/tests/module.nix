# `nix flake check`: ten lines make a NixOS with one project, whose units systemd can read, are exposed as little as is claimed and
# find their programs.
{
  bash,
  lib,
  nixos,
  runCommand,
  self,
  systemd,
}:
let
  inherit
    (nixos {
      imports = [ self.nixosModules.default ];
      boot.isContainer = true; # it needs no disk and no boot loader
      system.stateVersion = lib.trivial.release;
      services.bough = {
        enable = true;
        settings = {
          board.passwordFile = "/run/secrets/board";
          projects.forms = {
            remote = "https://github.com/example/forms.git";
            webhookSecretFiles = [ "/run/secrets/forms" ];
            url = "http://previews.example.org:8080";
          };
        };
      };
    })
    config
    ;
  broken = lib.filter (each: !each.assertion) config.assertions;
  units = config.environment.etc."systemd/system".source;
in
assert lib.assertMsg (broken == [ ]) (lib.concatMapStringsSep "\n" (each: each.message) broken);
runCommand "bough-module" { nativeBuildInputs = [ systemd ]; } ''
  # There is no /etc/bough where this is built.
  cp -rL --no-preserve=mode ${units}/bough-* .
  sed -i 's|/etc/bough/program|${config.services.bough.package}/lib/bough|g' *.service
  SYSTEMD_UNIT_PATH=${units}: ${bash}/bin/bash ${./verify-units.sh} "$PWD"
  touch $out
''
