/** What Nix calls this machine, for `packages.<system>.default`. Bough runs on Linux alone. */
export function nixSystem(arch: string = process.arch): string {
  const names: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64', ia32: 'i686', riscv64: 'riscv64' };
  return `${names[arch] ?? arch}-linux`;
}
