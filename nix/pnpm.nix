# The pnpm that package.json pins: nixpkgs has older ones. Its hashes alone are written by hand, from the npm registry.
{
  autoPatchelfHook,
  fetchurl,
  lib,
  stdenv,
}:
let
  inherit (lib.importJSON ../package.json) packageManager;
  version = lib.removePrefix "pnpm@" packageManager;
  # Hashes of pnpm@12.21.0.
  builds = {
    x86_64-linux = {
      name = "exe.linux-x64";
      hash = "sha512-8eufCjHXspKbNS/kh8q4Q0gqJoOuvC4Q5pgos6XS8By/nAMtP+jf8F1Cw9er840kfAX+PJ/ts+A9qnLE91rvXQ==";
    };
    aarch64-linux = {
      name = "exe.linux-arm64";
      hash = "sha512-4Oj/iF2TDCe2lcH0n4TupPR5sSdrNLclJB6xBElLMPCUOAvBhdf2rRlSaO5M4erJ6g4Fyy7YTXTpcmfFsKyxEA==";
    };
  };
  build = builds.${stdenv.hostPlatform.system};
in
stdenv.mkDerivation {
  pname = "pnpm";
  inherit version;
  src = fetchurl {
    url = "https://registry.npmjs.org/@pnpm/${build.name}/-/${build.name}-${version}.tgz";
    inherit (build) hash;
  };
  nativeBuildInputs = [ autoPatchelfHook ];
  buildInputs = [ stdenv.cc.cc.lib ];
  dontConfigure = true;
  dontBuild = true;
  dontStrip = true;
  installPhase = "install -D pnpm $out/bin/pnpm";
  meta.mainProgram = "pnpm";
}
