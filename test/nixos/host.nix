# What NixOS makes of nix/module.nix, by plain Nix: `bough`, the package, and `etc`, what a system has of it in /etc. Of nixpkgs and
# of NixOS there are stand-ins, made of the machine's own tools; the files of nix/ are as they are.
{
  node,
  # services.bough.settings, and a text that makes another package of Bough than without it.
  settings,
  extra ? "",
}:
let
  inherit (pkgs) lib;
  pkgs = import ../support/stand-in-nixpkgs.nix node;
  bough = pkgs.callPackage ../../nix/package.nix { };
  package = if extra == "" then bough else bough // { outPath = "${changed}"; };
  changed = pkgs.runCommand "bough-changed" { } ''
    cp -r ${bough} $out; chmod u+w $out; echo ${extra} >$out/extra
  '';
  module = import ../../nix/module.nix { self.packages.${pkgs.stdenv.hostPlatform.system}.bough = package; };
  inherit (module { inherit config lib pkgs; }) options;
  config = {
    services.bough = lib.withDefaults {
      inherit (options.services.bough) enable openFirewall package;
      settings = options.services.bough.settings.type;
    } {
      enable = true;
      inherit settings;
    };
    nix.enable = true;
    nix.package = pkgs.runCommand "nix-of-the-system" { } "mkdir $out; ln -s ${pkgs.nix}/bin $out/bin";
    nix.gc.automatic = false;
    inherit (bough-host) users; # as NixOS has what modules set, also in what they read
  };
  bough-host = (module { inherit config lib pkgs; }).config;

  # As nixos/lib/systemd-lib.nix writes it: environment first, with the PATH NixOS gives every service that has none of its own.
  dropIn =
    name: service:
    let
      environment = { PATH = lib.makeBinPath [ pkgs.coreutils pkgs.systemd ]; } // service.environment;
      set = lib.filterAttrs (_: value: value != null) environment;
    in
    pkgs.writeText "${name}.conf" ''
      [Unit]
      ${lib.concatStrings (map (trigger: "X-Restart-Triggers=${trigger}\n") service.restartTriggers)}
      [Service]
      ${lib.concatStrings (lib.mapAttrsToList (variable: value: "Environment=${builtins.toJSON "${variable}=${value}"}\n") set)}
      ${if service.restartIfChanged then "" else "X-RestartIfChanged=false"}
      ${if service.stopIfChanged then "" else "X-StopIfChanged=false"}

      [Install]
      WantedBy=${toString service.wantedBy}
    '';
in
{
  inherit bough;
  users = lib.mapAttrsToList (name: user: "${name} of ${user.group} in ${user.home or "-"}") bough-host.users.users;
  broken = map (each: each.message) (lib.filter (each: !each.assertion) bough-host.assertions);
  etc = pkgs.runCommand "etc" { } ''
    units=$out/systemd/system
    mkdir -p $units $out/tmpfiles.d
    for package in ${toString bough-host.systemd.packages}; do
      cp -r --no-preserve=mode $package/lib/systemd/system/. $units
    done
    ${lib.concatStrings (
      lib.mapAttrsToList (name: service: ''
        mkdir -p $units/${name}.service.d
        cp ${dropIn name service} $units/${name}.service.d/overrides.conf
        for target in ${toString service.wantedBy}; do
          mkdir -p $units/$target.wants
          ln -s ../${name}.service $units/$target.wants
        done
      '') bough-host.systemd.services
    )}
    ${lib.concatStrings (
      map (package: "cp ${package}/lib/tmpfiles.d/* $out/tmpfiles.d\n") bough-host.systemd.tmpfiles.packages
    )}
    ${lib.concatStrings (
      lib.mapAttrsToList (name: file: ''
        mkdir -p "$(dirname $out/${name})"
        ln -s ${file.source} $out/${name}
      '') bough-host.environment.etc
    )}
  '';
}
