{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
  inputs.bough.url = "github:example/bough";
  inputs.bough.inputs.nixpkgs.follows = "nixpkgs";

  outputs =
    { nixpkgs, bough, ... }:
    let
      system = "x86_64-linux"; # or aarch64-linux, as the host is
      pkgs = nixpkgs.legacyPackages.${system};
      python = pkgs.python3.withPackages (packages: [ packages.gunicorn ]);
    in
    {
      packages.${system}.default = bough.lib.mkDeployment {
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
    };
}
