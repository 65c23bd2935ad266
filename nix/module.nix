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
      # The Nix of the system first: its client then is of one version with its daemon.
      path = "${lib.makeBinPath [ config.nix.package ]}:${cfg.package.path}";
      runtimeRoot = "/run";
      dataDir = cfg.settings.stateDir;
    }
  );
  stack = pkgs.runCommand "bough-stack" { } ''
    ${cfg.package.node}/bin/node ${cfg.package}/lib/bough/script/lib/render-stack.ts ${host} ${configuration} $out
  '';

  # Files of each setting that names secrets.
  secrets = {
    "board.passwordFile" = [ cfg.settings.board.passwordFile ];
    "redis.passwordFile" = [ cfg.settings.redis.passwordFile ];
  }
  // lib.concatMapAttrs (name: project: {
    "projects.${name}.webhookSecretFiles" = project.webhookSecretFiles;
    "projects.${name}.credentials" = map (credential: credential.file) project.credentials;
  }) projects;
  inStore = file: file != null && lib.hasPrefix builtins.storeDir file;
  readable = lib.attrNames (lib.filterAttrs (_: lib.any inStore) secrets);
  # Who the Nix daemon may know the build user as.
  builder = config.users.users.bough-build;
  allowedAs = [
    "*"
    "bough-build"
  ]
  ++ map (group: "@${group}") ([ builder.group ] ++ builder.extraGroups or [ ] ++ groupsOf "bough-build");
  groupsOf =
    user: lib.attrNames (lib.filterAttrs (_: group: lib.elem user (group.members or [ ])) config.users.groups);
  allowedUsers =
    (config.nix.settings.allowed-users or [ "*" ]) ++ (config.nix.settings.extra-allowed-users or [ ]);
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
      default = { };
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
        assertion = readable == [ ];
        message = "services.bough.settings names a secret file in the Nix store, where everybody can read it: ${toString readable}. Give its path as a string, such as one of sops-nix or agenix.";
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
        assertion = lib.any (name: lib.elem name allowedAs) allowedUsers;
        message = "services.bough builds branches as bough-build, which nix.settings.allowed-users keeps from the Nix daemon: add \"bough-build\" to it.";
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
      # The stack has the units; what is said here becomes a drop-in to each.
      services = lib.genAttrs services (name: {
        overrideStrategy = "asDropin";
        wantedBy = [ "multi-user.target" ];
        # Else NixOS puts a PATH of its own over that of the unit, without git, Nix, flock and setpriv.
        environment.PATH = lib.mkForce null;
        # In one step once the new system is in place, so that it is down for no longer than it takes to start.
        stopIfChanged = false;
        restartIfChanged = name != "bough-restore";
        # Of all else that they read render-stack.ts tells by its content. A unit names the program by a link.
        restartTriggers = lib.optional (lib.elem name [
          "bough-receiver"
          "bough-worker"
        ]) cfg.package;
      });
    };
  };
}
