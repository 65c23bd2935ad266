# What `nix flake init -t` offers: a folder each.
let
  template = path: {
    inherit path;
    inherit (import (path + "/flake.nix")) description;
    welcomeText = ''
      # Before it can be pushed

      Bough takes a flake only with its lock file, and Nix sees of a repository only what git knows. Change the address of
      the input `bough` to where yours comes from, then

          git add .
          nix flake lock
          git add flake.lock
          git commit -m "An app for every branch"

      `bough manifest .` shows what would run.
    '';
  };
in
{
  bun = template ./bun;
  node = template ./node;
  python = template ./python;
  static = template ./static;
}
