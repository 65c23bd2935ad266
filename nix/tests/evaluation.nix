# The module evaluated by nixpkgs' `lib` alone: the smallest configuration, a full one, and wrong ones. Gives a list of what is not as it
# should be, so an empty one is good. What NixOS has beside is declared here as far as the module sets it, for NixOS itself takes
# all of nixpkgs; `checks.module` has the real one.
{ lib }:
let
  inherit (lib) mkOption types;
  any = default: mkOption { type = types.anything; inherit default; };
  list = mkOption { type = types.listOf types.raw; default = [ ]; };

  # As NixOS has it: a service runs with these few on its PATH, which goes into its unit or drop-in and so wins over a unit of
  # systemd.packages.
  service = {
    freeformType = types.attrsOf types.anything;
    options.environment = mkOption { type = types.attrsOf (types.nullOr types.str); default = { }; };
    options.restartTriggers = list;
    options.stopIfChanged = any true;
    config.environment.PATH = "/coreutils/bin";
  };

  nixos = {
    options = {
      assertions = list;
      environment.systemPackages = list;
      environment.etc = mkOption { type = types.attrsOf types.attrs; default = { }; };
      networking.firewall.allowedTCPPorts = mkOption { type = types.listOf types.port; default = [ ]; };
      users.users = mkOption { type = types.attrsOf types.attrs; default = { }; };
      users.groups = mkOption { type = types.attrsOf types.attrs; default = { }; };
      nix = {
        enable = mkOption { type = types.bool; default = true; };
        gc.automatic = mkOption { type = types.bool; default = false; };
        package = any { type = "derivation"; name = "nix"; outPath = "/system-nix"; };
        settings = any { };
        daemonCPUSchedPolicy = any null;
        daemonIOSchedClass = any null;
      };
      systemd.packages = list;
      systemd.tmpfiles.packages = list;
      systemd.services = mkOption { type = types.attrsOf (types.submodule service); default = { }; };
    };
  };
  package = {
    type = "derivation";
    name = "bough";
    outPath = "/bough";
    path = "/bin";
    node = "/node";
  };
  pkgs = {
    writeText = _: text: text;
    runCommand = name: _: script: { inherit name script; outPath = "/${name}"; };
    caddy = { type = "derivation"; name = "caddy"; outPath = "/caddy"; meta.mainProgram = "caddy"; };
    redis.outPath = "/redis";
    stdenv.hostPlatform.system = "x86_64-linux";
  };

  evaluate =
    bough: more:
    (lib.evalModules {
      specialArgs = { inherit pkgs; };
      modules = [
        nixos
        (import ../module.nix { self.packages.x86_64-linux.bough = package; })
        { services.bough = bough; }
        more
      ];
    }).config;
  failedOf = config: map (each: each.message) (lib.filter (each: !each.assertion) config.assertions);

  project = {
    remote = "https://github.com/example/forms.git";
    webhookSecretFiles = [ "/run/secrets/forms" ];
    url = "http://previews.example.org:8080";
  };
  smallest = {
    enable = true;
    settings.board.passwordFile = "/run/secrets/board";
    settings.projects.forms = project;
  };
  # Every setting, none as it is by default; written from the schema.
  full = {
    enable = true;
    openFirewall = true;
    settings = lib.importJSON ./full.json;
  };
  wrong = settings: lib.recursiveUpdate smallest { inherit settings; };
  inStore = "${builtins.storeDir}/secret";
  says = text: config: lib.any (lib.hasInfix text) (failedOf config);
  refused = bough: !(builtins.tryEval (builtins.deepSeq (written (evaluate bough { })) true)).success;
  written = config: (builtins.head config.systemd.packages).script;
  # In here a file stands as its text, without spaces: the host, then the configuration, then the place for all.
  configurationOf = config: builtins.fromJSON (lib.elemAt (lib.splitString " " (written config)) 3);
  servicesOf = bough: lib.attrValues (evaluate bough { }).systemd.services;

  claims = {
    "the smallest configuration breaks no assertion" = failedOf (evaluate smallest { }) == [ ];
    "the smallest configuration renders the stack" = lib.hasInfix "render-stack.ts" (written (evaluate smallest { }));
    "the programs of the units are those of the system's Nix, then of the package" =
      lib.hasInfix ''"path":"/system-nix/bin:/bin"'' (written (evaluate smallest { }));
    "its five services are enabled" = lib.attrNames (evaluate smallest { }).systemd.services == [
      "bough-caddy"
      "bough-receiver"
      "bough-redis"
      "bough-restore"
      "bough-worker"
    ];
    "the build user has the cache of Nix for home" =
      (evaluate smallest { }).users.users.bough-build.home == "/var/lib/bough/cache";
    "no port is opened unless asked" = (evaluate smallest { }).networking.firewall.allowedTCPPorts == [ ];
    "a full configuration breaks no assertion" = failedOf (evaluate full { }) == [ ];
    "every setting reaches Bough as it was set" = configurationOf (evaluate full { }) == full.settings;
    "what is not set is left to Bough where it has no value" =
      configurationOf (evaluate smallest { }) ? projects.forms.maxLive == false;
    "no service has a PATH but that of its unit" =
      lib.all (each: each.environment.PATH == null) (servicesOf smallest);
    "no service is down while the system is activated" = lib.all (each: !each.stopIfChanged) (servicesOf smallest);
    "a changed setting or program changes nothing that NixOS would restart Caddy or Redis for" =
      let
        triggers = name: (evaluate smallest { }).systemd.services.${name}.restartTriggers;
      in
      triggers "bough-caddy" == [ ] && triggers "bough-redis" == [ ] && triggers "bough-worker" == [ package ];
    "a full configuration opens its port" = (evaluate full { }).networking.firewall.allowedTCPPorts == [ 443 ];
    "with a Redis elsewhere none is run" = !((evaluate full { }).systemd.services ? bough-redis);
    "switched off it does nothing" = (evaluate { enable = false; } { }).systemd.services == { };

    "no project is named" = says "names no project" (
      evaluate { enable = true; settings.board.passwordFile = "/run/board"; } { }
    );
    "a password of the board in the store is named" = says "where everybody can read it: board.passwordFile." (
      evaluate (wrong { board.passwordFile = inStore; }) { }
    );
    "a password of Redis in the store is named" = says "where everybody can read it: redis.passwordFile." (
      evaluate (wrong { redis.passwordFile = inStore; }) { }
    );
    "a webhook secret in the store is named" = says "where everybody can read it: projects.forms.webhookSecretFiles." (
      evaluate (wrong { projects.forms.webhookSecretFiles = [ "/run/one" inStore ]; }) { }
    );
    "a credential in the store is named" = says "where everybody can read it: projects.forms.credentials." (
      evaluate (wrong { projects.forms.credentials = [ { name = "token"; file = inStore; } ]; }) { }
    );
    "two projects with one url are named" = says "two projects with one url" (
      evaluate (wrong { projects.other = project; }) { }
    );
    "ports the wrong way round are named" = says "ports.from is above" (
      evaluate (wrong { ports.from = 3000; ports.to = 2000; }) { }
    );
    "a NixOS without Nix is named" = says "nix.enable must be true" (evaluate smallest { nix.enable = false; });
    "a Nix that keeps out who builds is named" = says ''add "bough-build"'' (
      evaluate smallest { nix.settings.allowed-users = [ "root" "@wheel" ]; }
    );
    "a Nix that lets in who builds, by name or by group, is good" =
      lib.all (name: failedOf (evaluate smallest { nix.settings.allowed-users = [ "root" name ]; }) == [ ]) [
        "*"
        "bough-build"
        "@bough-build"
      ];
    "another collection of garbage is named" = says "nix.gc.automatic = false" (
      evaluate smallest { nix.gc.automatic = true; }
    );
    "a misspelt setting is refused" = refused (wrong { sweepInterval = 60; });
    "a setting of another type is refused" = refused (wrong { ports.from = "many"; });
    "a port that is none is refused" = refused (wrong { receiver.port = 70000; });
    "a project without a url is refused" = refused {
      enable = true;
      settings.board.passwordFile = "/run/board";
      settings.projects.forms = removeAttrs project [ "url" ];
    };
  };
in
lib.attrNames (lib.filterAttrs (_: holds: !holds) claims)
