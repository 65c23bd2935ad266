# `nix flake check`: ten lines make a NixOS with one project, whose units are built and verified.
{
  lib,
  nixos,
  runCommand,
  self,
  systemd,
}:
let
  machine = nixos {
    imports = [ self.nixosModules.default ];
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
  };
in
runCommand "bough-module" { nativeBuildInputs = [ systemd ]; } ''
  units=${machine.config.system.build.toplevel}/etc/systemd/system
  for unit in worker receiver caddy redis restore; do test -e $units/bough-$unit.service; done
  touch $out
''
