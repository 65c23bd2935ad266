{
  description = "A Bun server, bundled into one file";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
  inputs.bough.url = "github:example/bough";
  inputs.bough.inputs.nixpkgs.follows = "nixpkgs";

  outputs =
    { nixpkgs, bough, ... }:
    let
      deployment =
        pkgs:
        let
          # Only what the app is made of: a commit to anything else gives the same output and restarts nothing.
          app = pkgs.runCommand "app" { nativeBuildInputs = [ pkgs.bun ]; } ''
            mkdir $out
            bun build ${./src}/server.ts --target=bun --outfile=$out/server.js
          '';
        in
        bough.lib.mkDeployment {
          inherit pkgs;
          services.web = {
            exec = [
              "${pkgs.bun}/bin/bun"
              "${app}/server.js"
            ];
            health.path = "/health";
            sleepAfter = "30min"; # production too; the project's own setting is for previews alone
          };
        };
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
    in
    {
      packages = nixpkgs.lib.genAttrs systems (system: {
        default = deployment nixpkgs.legacyPackages.${system};
      });
    };
}
