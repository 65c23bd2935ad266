# What a branch's flake takes from Bough.
let
  problemsOf = import ./check-manifest.nix;
in
{
  # mkDeployment { pkgs | system; services.<name> = { exec = [ program argument … ]; … }; strategy; name; }
  # gives a derivation whose share/bough/deployment.json (schema 1) says what the processes of a branch need; all fields
  # are in docs/app-contract.md. It needs no nixpkgs; with `pkgs` it takes the shell from there, as a sandboxed build must.
  mkDeployment =
    {
      pkgs ? null,
      system ?
        if pkgs == null then throw "mkDeployment: needs pkgs or system" else pkgs.stdenv.hostPlatform.system,
      name ? "deployment",
      strategy ? "parallel",
      services,
    }:
    let
      problems = problemsOf { inherit strategy services; };
      checked =
        if problems == [ ] then
          { inherit strategy services; }
        else
          throw "mkDeployment: ${builtins.concatStringsSep "; " problems}";
    in
    derivation {
      inherit name system;
      builder = if pkgs == null then "/bin/sh" else pkgs.runtimeShell;
      PATH = if pkgs == null then "/bin:/usr/bin" else "${pkgs.coreutils}/bin";
      args = [
        "-c"
        ''mkdir -p "$out/share/bough" && cp "$manifestPath" "$out/share/bough/deployment.json"''
      ];
      # toJSON keeps the context of each store path, so that the closure holds all that is run.
      manifest = builtins.toJSON ({ schema = 1; } // checked);
      passAsFile = [ "manifest" ];
      preferLocalBuild = true;
    };
}
