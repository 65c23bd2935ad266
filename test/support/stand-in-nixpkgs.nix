# What the examples of docs/app-contract.md use of nixpkgs, made of plain derivations and the machine's own tools: the
# machines have no nixpkgs. It checks what the real functions need of their arguments, and makes outputs of the same shape.
node:
let
  system = "x86_64-linux";
  tools = "/usr/bin:/bin";

  run =
    name: environment: commands:
    derivation (
      {
        inherit name system;
        builder = "/bin/sh";
        args = [
          "-euc"
          commands
        ];
        PATH = builtins.concatStringsSep ":" (
          map (input: "${input}/bin") (environment.nativeBuildInputs or [ ]) ++ [ tools ]
        );
      }
      // environment
    );

  writeShellScriptBin =
    name: text:
    run name {
      script = "#!/bin/sh\n${text}\n";
      passAsFile = [ "script" ];
    } ''mkdir -p $out/bin; cp "$scriptPath" $out/bin/${name}; chmod 555 $out/bin/${name}'';

  # A program of the machine. Not a link to it: that would lead out of the store.
  wrap = name: path: writeShellScriptBin name ''exec ${path} "$@"'';
  isBelow = path: root: path == root || builtins.substring 0 (builtins.stringLength root + 1) path == "${root}/";
in
{
  inherit writeShellScriptBin;
  runCommand = run;
  runtimeShell = "/bin/sh";
  stdenv.hostPlatform = { inherit system; };
  coreutils = run "coreutils" { } "mkdir -p $out/bin; ln -s /usr/bin/mkdir /usr/bin/cp $out/bin";

  nodejs = wrap "node" node;
  caddy = wrap "caddy" "/usr/bin/caddy";
  bun = writeShellScriptBin "bun" ''[ "$1" = build ] && cp "$2" "''${4#--outfile=}"'';
  python3.withPackages = choose: run "python3-env" { } ''
    mkdir -p $out/bin; cp ${(builtins.head (choose { gunicorn = wrap "gunicorn" "false"; }))}/bin/* $out/bin
  '';

  lib.fileset = {
    unions = files: files;
    toSource =
      { root, fileset }:
      builtins.path {
        path = root;
        name = "source";
        filter = path: _: builtins.any (file: isBelow path (toString file)) fileset;
      };
  };
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
}
