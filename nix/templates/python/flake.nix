{
  description = "A Python server behind gunicorn, on a passed socket";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
  inputs.bough.url = "github:example/bough";
  inputs.bough.inputs.nixpkgs.follows = "nixpkgs";

  outputs =
    { nixpkgs, bough, ... }:
    let
      deployment =
        pkgs:
        let
          python = pkgs.python3.withPackages (packages: [ packages.gunicorn ]);
        in
        bough.lib.mkDeployment {
          inherit pkgs;
          services.web = {
            exec = [
              "${python}/bin/gunicorn"
              "--chdir"
              # Only what the app is made of: a commit to anything else gives the same output and restarts nothing.
              "${./src}"
              "app:app"
            ];
            listen = "socket"; # gunicorn takes it by itself
            health.path = "/health";
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
