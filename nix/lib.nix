# The declaration that travels with a branch. It needs no nixpkgs; with `pkgs` it takes the shell from there.
{
  # mkDeployment { system | pkgs; services.<name> = { exec = [ program argument … ]; listen; environment; health; }; }
  # gives a derivation whose share/bough/deployment.json (schema 1) says what the branch's processes need.
  mkDeployment =
    {
      pkgs ? null,
      system ? pkgs.stdenv.hostPlatform.system,
      name ? "deployment",
      services,
    }:
    let
      shell = if pkgs == null then "/bin/sh" else pkgs.runtimeShell;
      path = if pkgs == null then "/bin:/usr/bin" else "${pkgs.coreutils}/bin";
    in
    assert services ? web || throw "mkDeployment: services.web is missing: it is what gets the requests";
    derivation {
      inherit name system;
      builder = shell;
      args = [
        "-c"
        ''mkdir -p "$out/share/bough" && cp "$manifestPath" "$out/share/bough/deployment.json"''
      ];
      PATH = path;
      manifest = builtins.toJSON {
        schema = 1;
        inherit services;
      };
      passAsFile = [ "manifest" ];
      preferLocalBuild = true;
    };
}
