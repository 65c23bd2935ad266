/** The readable name of a derivation: `/nix/store/<hash>-hello-1.0.drv` is `hello-1.0`. */
export function drvName(path: string): string {
  return path.replace(/^.*\/[0-9a-z]{32}-/, '').replace(/\.drv$/, '');
}
