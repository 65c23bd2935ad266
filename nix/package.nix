# Bough as it runs: the checkout with its production packages, and `bough`, `bough-receiver` and `bough-worker` with the
# programs they call on their path.
{
  callPackage,
  lib,
  coreutils,
  git,
  makeWrapper,
  nix,
  nodejs_24,
  openssh,
  stdenvNoCC,
  systemd,
  util-linux,
}:
let
  path = lib.makeBinPath [
    coreutils
    git
    nix
    openssh
    systemd
    util-linux
  ];
in
stdenvNoCC.mkDerivation {
  pname = "bough";
  version = "0-unstable";
  src = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [
      ../apps
      ../packages
      ../script
      ../nix
      ../LICENSE
      ../CHANGELOG.md
      ../package.json
      ../pnpm-workspace.yaml
      ../pnpm-lock.yaml
    ];
  };
  nativeBuildInputs = [ makeWrapper ];
  dontConfigure = true;
  dontBuild = true;
  installPhase = ''
    runHook preInstall
    root=$out/lib/bough
    mkdir -p $root
    cp -r apps packages script nix LICENSE CHANGELOG.md package.json pnpm-workspace.yaml pnpm-lock.yaml $root
    cp -r --no-preserve=mode ${callPackage ./npm-packages.nix { }}/. $root
    ln -s ${nodejs_24} $root/node
    node=${nodejs_24}/bin/node
    wrap() { makeWrapper $node $out/bin/$1 --add-flags "$2" --suffix PATH : ${path}; }
    wrap bough $root/apps/cli/src/main.ts
    wrap bough-worker $root/apps/worker/src/main.ts
    wrap bough-receiver "$($node $root/script/lib/receiver-flags.ts) $root/apps/receiver/src/main.ts"
    $node $root/script/lib/install/share/write.ts $out/share
    runHook postInstall
  '';
  passthru = {
    inherit path;
    node = nodejs_24;
  };
  meta = {
    description = "Every git branch live on one Linux host, built by Nix and run by systemd";
    license = lib.licenses.mit;
    mainProgram = "bough";
    platforms = [
      "x86_64-linux"
      "aarch64-linux"
    ];
  };
}
