{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
  inputs.bough.url = "github:example/bough";
  inputs.bough.inputs.nixpkgs.follows = "nixpkgs";

  outputs =
    { nixpkgs, bough, ... }:
    let
      system = "x86_64-linux"; # or aarch64-linux, as the host is
      pkgs = nixpkgs.legacyPackages.${system};
      # Pages link to each other by relative paths: the branch's path stands before their own.
      site = pkgs.writeShellScriptBin "site" ''
        exec ${pkgs.caddy}/bin/caddy file-server --root ${./public} --listen "$HOST:$PORT"
      '';
    in
    {
      packages.${system}.default = bough.lib.mkDeployment {
        inherit pkgs;
        services.web = {
          exec = [ "${site}/bin/site" ];
          health.path = "/health.txt";
          sleepAfter = "30min";
        };
      };
    };
}
