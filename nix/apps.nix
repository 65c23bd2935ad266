# `nix run …#demo` and `#test`: the scripts of the checkout, in a copy they may write in. It is kept in Bough's cache, like
# everything else that they bring.
{ pkgs, self }:
let
  inherit (pkgs) lib;
  packages = development: pkgs.callPackage ./npm-packages.nix { inherit development; };
  app = name: packages: usual: {
    type = "app";
    meta.description = "script/${name} of Bough";
    program = lib.getExe (pkgs.writeShellApplication {
      name = "bough-${name}";
      runtimeInputs = with pkgs; [
        bashInteractive
        caddy
        coreutils
        gawk
        git
        gnugrep
        gnused
        nix
        redis
        util-linux
      ];
      text = ''
        checkout=''${BOUGH_CACHE:-''${XDG_CACHE_HOME:-$HOME/.cache}/bough}/checkouts/${baseNameOf "${self}"}
        if [ ! -e "$checkout" ]; then
          mkdir -p "''${checkout%/*}"
          draft=$(mktemp -d "$checkout.XXXXXX")
          for part in ${self} ${packages}; do
            cp -r "$part/." "$draft"
            chmod -R u+w "$draft"
          done
          echo given >"$draft/node_modules/.bough-fingerprint"
          mv -T "$draft" "$checkout"
        fi
        [ $# -gt 0 ] || set -- ${usual}
        BOUGH_NODE_DIR=${pkgs.nodejs_24} exec "$checkout/script/${name}" "$@"
      '';
    });
  };
in
{
  demo = app "demo" (packages false) "";
  # The other suites want what a store has not: a checkout of git, tools npm ships for one processor, machines with a Node of their own.
  test = app "test" (packages true) "unit";
}
