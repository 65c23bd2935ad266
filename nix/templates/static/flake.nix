{
  description = "Pages that Caddy serves as they are";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
  inputs.bough.url = "github:example/bough";
  inputs.bough.inputs.nixpkgs.follows = "nixpkgs";

  outputs =
    { nixpkgs, bough, ... }:
    let
      deployment =
        pkgs:
        let
          # Pages link to each other by relative paths: the branch's path stands before their own.
          site = pkgs.writeShellScriptBin "site" ''
            exec ${pkgs.caddy}/bin/caddy file-server --root ${./public} --listen "$HOST:$PORT"
          '';
        in
        bough.lib.mkDeployment {
          inherit pkgs;
          services.web = {
            exec = [ "${site}/bin/site" ];
            health.path = "/health.txt";
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
