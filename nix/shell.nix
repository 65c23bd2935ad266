# `nix develop`: what the scripts of the checkout call. Only what npm ships for one processor, the linter and the formatter of
# script/check, has to find a dynamic loader in the usual place.
{
  callPackage,
  caddy,
  git,
  mkShellNoCC,
  nix,
  nixfmt,
  nodejs_24,
  redis,
  shellcheck,
}:
mkShellNoCC {
  packages = [
    caddy
    git
    nix
    nixfmt
    nodejs_24
    (callPackage ./pnpm.nix { })
    redis
    shellcheck
  ];
  BOUGH_NODE_DIR = nodejs_24;
}
