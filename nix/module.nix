# services.bough: Bough on NixOS. The units, the Caddyfile and redis.conf are those of every other installation, rendered by
# Bough itself when the system is built, which also checks the whole configuration.
{ self }:
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkEnableOption mkIf mkOption types;
  cfg = config.services.bough;
  inherit (cfg.settings) projects;

  # null stands for Bough's own default, which is to be absent.
  present =
    value:
    if lib.isAttrs value then
      lib.mapAttrs (_: present) (lib.filterAttrs (_: child: child != null) value)
    else if lib.isList value then
      map present value
    else
      value;
  configuration = pkgs.writeText "bough.json" (builtins.toJSON (present cfg.settings));
  host = pkgs.writeText "bough-host.json" (
    builtins.toJSON {
      scope = "system";
      node = "/etc/bough/program/node/bin/node";
      root = "/etc/bough/program";
      caddy = lib.getExe pkgs.caddy;
      redisServer = "${pkgs.redis}/bin/redis-server";
      folder = "/etc/bough";
      inherit (cfg.package) path;
      runtimeRoot = "/run";
      dataDir = cfg.settings.stateDir;
    }
  );
  stack = pkgs.runCommand "bough-stack" { } ''
    ${cfg.package.node}/bin/node ${cfg.package}/lib/bough/script/lib/render-stack.ts ${host} ${configuration} $out
  '';

  secrets = [
    cfg.settings.board.passwordFile
  ]
  ++ lib.concatMap (project: project.webhookSecretFiles) (lib.attrValues projects);
  ownRedis = lib.hasPrefix "unix://" cfg.settings.redis.url;
  services = [
    "bough-caddy"
    "bough-receiver"
    "bough-restore"
    "bough-worker"
  ]
  ++ lib.optional ownRedis "bough-redis";
  shared = name: lib.filterAttrs (other: project: other != name && project.url == projects.${name}.url) projects;
in
{
  options.services.bough = {
    enable = mkEnableOption "Bough, which keeps every git branch live at its own URL";
    package = mkOption {
      type = types.package;
      default = self.packages.${pkgs.stdenv.hostPlatform.system}.bough;
      defaultText = lib.literalExpression "bough.packages.\${system}.bough";
      description = "The Bough that runs.";
    };
    openFirewall = mkOption {
      type = types.bool;
      default = false;
      description = "Open the port of settings.caddy.listen.";
    };
    settings = mkOption {
      type = types.submodule { options = import ./options.nix { inherit lib; }; };
      description = "The configuration, as docs/configuration.md has it.";
    };
  };

  config = mkIf cfg.enable {
    assertions = [
      {
        assertion = projects != { };
        message = "services.bough.settings.projects names no project: add one with remote, url and webhookSecretFiles.";
      }
      {
        assertion = lib.all (file: !(lib.hasPrefix builtins.storeDir file)) secrets;
        message = "services.bough.settings names a secret file in the Nix store, where everybody can read it: give its path as a string, such as one of sops-nix or agenix.";
      }
      {
        assertion = lib.all (name: shared name == { }) (lib.attrNames projects);
        message = "services.bough.settings.projects has two projects with one url: projects are told apart by their host.";
      }
      {
        assertion = cfg.settings.ports.from <= cfg.settings.ports.to;
        message = "services.bough.settings.ports.from is above ports.to.";
      }
      {
        assertion = config.nix.enable;
        message = "services.bough builds branches with Nix: nix.enable must be true.";
      }
      {
        assertion = !config.nix.gc.automatic;
        message = "services.bough collects garbage itself, between builds: set nix.gc.automatic = false (services.bough.settings.gc says when and how much).";
      }
    ];

    environment = {
      systemPackages = [ cfg.package ];
      etc = {
        "bough/bough.json".source = "${stack}/etc/bough/bough.json";
        # Units of branches outlive a version of Bough, so they name it by this link.
        "bough/program".source = "${cfg.package}/lib/bough";
        "bough/Caddyfile".source = "${stack}/etc/bough/Caddyfile";
      }
      // lib.optionalAttrs ownRedis { "bough/redis.conf".source = "${stack}/etc/bough/redis.conf"; };
    };
    networking.firewall.allowedTCPPorts = mkIf cfg.openFirewall [
      (lib.toInt (lib.last (lib.splitString ":" cfg.settings.caddy.listen)))
    ];
    users = {
      groups = {
        bough = { };
        bough-build = { };
        bough-caddy = { };
        bough-redis = { };
      };
      users = {
        # Evaluates and builds what a branch says; see docs/security.md.
        bough-build = {
          isSystemUser = true;
          group = "bough-build";
          home = "${cfg.settings.stateDir}/cache";
        };
        bough-caddy = {
          isSystemUser = true;
          group = "bough-caddy";
        };
        bough-redis = {
          isSystemUser = true;
          group = "bough-redis";
        };
      };
    };
    nix = {
      settings.experimental-features = [
        "nix-command"
        "flakes"
      ];
      # A path must not count as built before its content is on the disk: a power cut would leave empty files.
      settings.sync-before-registering = lib.mkDefault true;
      # Beside settings.builders, which systemd takes from the stack: a branch's build must not take the machine from those
      # that are live.
      daemonCPUSchedPolicy = lib.mkDefault "batch";
      daemonIOSchedClass = lib.mkDefault "idle";
    };
    systemd = {
      packages = [ stack ];
      tmpfiles.packages = [ stack ];
      services = lib.genAttrs services (name: {
        overrideStrategy = "asDropin";
        wantedBy = [ "multi-user.target" ];
        # The unit names /etc/bough, so that alone would not tell of a change.
        restartTriggers = lib.optionals (name != "bough-restore" && name != "bough-redis") (
          [ stack ] ++ lib.optional (name != "bough-caddy") cfg.package
        );
        restartIfChanged = name != "bough-restore";
      });
    };
  };
}
