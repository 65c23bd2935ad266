# The scenario of test/scenario in a virtual machine of NixOS: push, switch under load, roll back, delete, reboot, power failure, missed
# webhook. Needs KVM. Nothing is substituted or fetched in it: what a branch is built with is in its store.
{ self, pkgs }:
let
  shell = pkgs.pkgsStatic.busybox;
  node = pkgs.nodejs_24;
  url = "http://127.0.0.1:8080";
  folder = "/var/lib/scenario";
  settings = pkgs.writeText "settings.json" (
    builtins.toJSON {
      repository = "${folder}/repository";
      webhook = "http://127.0.0.1:9010/webhooks/scenario";
      secretFile = "/etc/bough-secrets/webhook";
      inherit url;
      shell = "${shell}";
      node = "${node}";
    }
  );
  scenario = "${node}/bin/node ${../../test/scenario}/main.ts";
  files = "${settings} ${folder}/state.json";
in
pkgs.testers.runNixOSTest {
  name = "bough-scenario";

  nodes.machine =
    { lib, ... }:
    {
      imports = [ self.nixosModules.default ];
      virtualisation = {
        cores = 2;
        memorySize = 3072;
        diskSize = 8192;
        # What is built must be there after a reboot.
        writableStore = true;
        writableStoreUseTmpfs = false;
      };
      system.extraDependencies = [
        shell
        node
      ];
      nix.settings.substituters = lib.mkForce [ ];
      environment.systemPackages = [ pkgs.git ];
      environment.etc = lib.genAttrs [ "bough-secrets/webhook" "bough-secrets/board" ] (name: {
        text = "the secret of ${name}";
        mode = "0600";
      });
      systemd.tmpfiles.rules = [ "d ${folder} 0755 root root -" ];
      services.bough = {
        enable = true;
        settings = {
          sweepIntervalSec = 5;
          board.passwordFile = "/etc/bough-secrets/board";
          gc.lowFreeGiB = 0.1;
          gc.highFreeGiB = 0.2;
          projects.scenario = {
            remote = "${folder}/repository";
            webhookSecretFiles = [ "/etc/bough-secrets/webhook" ];
            inherit url;
          };
        };
      };
    };

  testScript = ''
    def up():
        for unit in ["redis", "caddy", "receiver", "worker"]:
            machine.wait_for_unit(f"bough-{unit}.service")
        machine.wait_for_open_port(9010)
        machine.wait_for_open_port(8080)

    machine.start()
    up()
    with subtest("a push is live, switched under load, rolled back, and deleted"):
        print(machine.succeed("${scenario} before ${files}"))

    with subtest("after a reboot all is back, and a push nobody told of is found"):
        machine.shutdown()
        machine.start()
        up()
        print(machine.succeed("${scenario} after ${files}"))

    with subtest("after a power failure all is back too"):
        machine.succeed("sync")
        machine.crash()
        machine.start()
        up()
        print(machine.succeed("${scenario} after ${files}"))
  '';
}
