{
  description = "Every git branch live on one Linux host, built by Nix and run by systemd";

  # Fetched only by who builds Bough itself: what a branch needs of it, `lib`, takes the branch's own nixpkgs.
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";

  outputs =
    { self, nixpkgs }:
    let
      eachSystem = nixpkgs.lib.genAttrs [
        "x86_64-linux"
        "aarch64-linux"
      ];
      pkgsOf = system: nixpkgs.legacyPackages.${system};
      script = name: system: {
        type = "app";
        program = "${(pkgsOf system).writeShellScript name ''exec ./script/${name} "$@"''}";
      };
      template = name: description: {
        path = ./nix/templates/${name};
        inherit description;
      };
    in
    {
      lib = import ./nix/lib.nix;
      nixosModules.default = import ./nix/module.nix { inherit self; };

      packages = eachSystem (system: rec {
        bough = (pkgsOf system).callPackage ./nix/package.nix { };
        default = bough;
      });
      apps = eachSystem (system: {
        demo = script "demo" system;
        test = script "test" system;
      });
      devShells = eachSystem (system: {
        default = (pkgsOf system).mkShellNoCC {
          packages = with pkgsOf system; [
            nodejs_24
            pnpm
            redis
            caddy
            git
            nixfmt-rfc-style
            shellcheck
          ];
        };
      });
      formatter = eachSystem (system: (pkgsOf system).nixfmt-rfc-style);
      checks = eachSystem (system: {
        inherit (self.packages.${system}) bough;
        scenario = import ./nix/tests/scenario.nix {
          inherit self;
          pkgs = pkgsOf system;
        };
        module = (pkgsOf system).callPackage ./nix/tests/module.nix { inherit self; };
        evaluation =
          let
            broken = import ./nix/tests/evaluation.nix { inherit (nixpkgs) lib; };
          in
          if broken == [ ] then
            (pkgsOf system).runCommand "bough-evaluation" { } "touch $out"
          else
            throw "services.bough is not as it should be: ${toString broken}";
      });

      templates = rec {
        default = node;
        bun = template "bun" "A Bun server, bundled into one file";
        node = template "node" "A Node server without a framework";
        python = template "python" "A Python server behind gunicorn, on a passed socket";
        static = template "static" "Pages that Caddy serves as they are";
      };
    };
}
