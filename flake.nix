{
  description = "Every git branch live on one Linux host, built by Nix and run by systemd";

  # Fetched only by who builds Bough itself: what a branch needs of it, `lib`, takes the branch's own nixpkgs.
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      eachSystem =
        outputsOf:
        lib.genAttrs [
          "x86_64-linux"
          "aarch64-linux"
        ] (system: outputsOf nixpkgs.legacyPackages.${system});
      templates = import ./nix/templates;
    in
    {
      lib = import ./nix/lib.nix;
      nixosModules.default = import ./nix/module.nix { inherit self; };
      templates = templates // {
        default = templates.node;
      };

      packages = eachSystem (pkgs: rec {
        bough = pkgs.callPackage ./nix/package.nix { };
        default = bough;
      });
      apps = eachSystem (pkgs: import ./nix/apps.nix { inherit pkgs self; });
      devShells = eachSystem (pkgs: {
        default = pkgs.callPackage ./nix/shell.nix { };
      });
      formatter = eachSystem (pkgs: pkgs.nixfmt-tree);
      checks = eachSystem (
        pkgs:
        {
          inherit (self.packages.${pkgs.stdenv.hostPlatform.system}) bough;
          unit = pkgs.callPackage ./nix/tests/unit.nix { inherit self; };
          evaluation = pkgs.callPackage ./nix/tests/evaluated.nix { };
          module = pkgs.callPackage ./nix/tests/module.nix { inherit self; };
          scenario = import ./nix/tests/scenario.nix { inherit pkgs self; };
        }
        // import ./nix/tests/templates.nix { inherit nixpkgs pkgs self; }
      );
    };
}
