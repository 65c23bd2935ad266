# What the examples of docs/app-contract.md, the templates and nix/ use of nixpkgs, made of plain derivations and the machine's
# own tools: the machines have no nixpkgs. It checks what the real functions need of their arguments, and makes outputs of the
# same shape.
node:
let
  lib = import ./stand-in-lib.nix;
  system = "x86_64-linux";
  tools = "/usr/bin:/bin";

  run =
    name: environment: commands:
    derivation (
      {
        inherit name system commands;
        builder = "/bin/sh";
        args = [
          "-euc"
          ". \"$commandsPath\""
        ];
        PATH = builtins.concatStringsSep ":" (
          map (input: "${input}/bin") (environment.nativeBuildInputs or [ ]) ++ [ tools ]
        );
      }
      // environment
      // {
        passAsFile = [ "commands" ] ++ environment.passAsFile or [ ];
      }
    );

  writeShellScriptBin =
    name: text:
    run name {
      script = "#!/bin/sh\n${text}\n";
      passAsFile = [ "script" ];
    } ''mkdir -p $out/bin; cp "$scriptPath" $out/bin/${name}; chmod 555 $out/bin/${name}'';

  # A program of the machine. Not a link to it: that would lead out of the store.
  wrap = name: path: writeShellScriptBin name ''exec ${path} "$@"'' // { meta.mainProgram = name; };
  # All programs of one of Debian's packages, for a PATH.
  programsOf =
    package:
    run package { }
      "mkdir -p $out/bin; dpkg --listfiles ${package} | grep -E '^(/usr)?/s?bin/' | xargs -r ln -s -t $out/bin";

  packages = {
    inherit lib writeShellScriptBin;
    callPackage =
      path: arguments:
      let
        function = import path;
      in
      function (builtins.intersectAttrs (builtins.functionArgs function) packages // arguments);
    # For what the store has already: there is no network.
    fetchurl = { url, hash }: import <nix/fetchurl.nix> { inherit url hash; };
    runCommand = run;
    runtimeShell = "/bin/sh";
    stdenv.hostPlatform = { inherit system; };
    stdenvNoCC.mkDerivation =
      { pname, version, src, installPhase, nativeBuildInputs ? [ ], passthru, meta, ... }:
      run "${pname}-${version}" { inherit nativeBuildInputs src; } ''
        runHook() { :; }
        cp -r $src source; chmod -R u+w source; cd source
        ${installPhase}
      ''
      // passthru
      // { inherit meta; };
    writeText =
      name: text:
      run name {
        inherit text;
        passAsFile = [ "text" ];
      } ''cp "$textPath" $out'';
    writeShellApplication =
      {
        name,
        runtimeInputs,
        text,
      }:
      writeShellScriptBin name ''
        set -eu
        export PATH=${lib.makeBinPath runtimeInputs}:$PATH
        ${text}
      ''
      // {
        meta.mainProgram = name;
      };
    makeWrapper = writeShellScriptBin "makeWrapper" ''
      program=$1 out=$2 flags= path=; shift 2
      while [ $# -gt 0 ]; do
        case $1 in
          --add-flags) flags="$flags $2"; shift 2 ;;
          --suffix) path=$4; shift 4 ;;
          *) exit 64 ;;
        esac
      done
      mkdir -p "$(dirname "$out")"
      printf '#!/bin/sh\nPATH=$PATH:%s exec %s%s "$@"\n' "$path" "$program" "$flags" >"$out"
      chmod 555 "$out"
    '';

    coreutils = programsOf "coreutils";
    bashInteractive = programsOf "bash";
    gawk = programsOf "mawk";
    git = programsOf "git";
    gnugrep = programsOf "grep";
    gnused = programsOf "sed";
    nix = programsOf "nix-bin";
    openssh = run "openssh" { } "mkdir -p $out/bin"; # the machines have none
    systemd = programsOf "systemd";
    util-linux = programsOf "util-linux";
    caddy = wrap "caddy" "/usr/bin/caddy";
    redis = wrap "redis-server" "/usr/bin/redis-server";
    nodejs = wrap "node" node;
    nodejs_24 = packages.nodejs;
    bun = writeShellScriptBin "bun" ''[ "$1" = build ] && cp "$2" "''${4#--outfile=}"'';
    python3.withPackages = choose: run "python3-env" { } ''
      mkdir -p $out/bin; cp ${(builtins.head (choose { gunicorn = wrap "gunicorn" "false"; }))}/bin/* $out/bin
    '';

    importNpmLock = {
      __functor = _: { npmRoot }: builtins.fromJSON (builtins.readFile "${npmRoot}/package-lock.json");
      npmConfigHook = "npm-config-hook";
    };
    buildNpmPackage =
      {
        pname,
        version,
        src,
        npmDeps,
        npmConfigHook,
        dontNpmBuild,
      }:
      assert npmDeps.name == pname && npmDeps.version == version;
      run pname { } "mkdir -p $out/lib/node_modules; cp -r ${src} $out/lib/node_modules/${pname}";
  };
in
packages
