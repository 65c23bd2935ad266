/** What to do about a Nix that does not build, by what it said. */
export function adviseOnNix(said: string, isRoot: boolean): string {
  // Root is in the host's systemd only where Nix has just built.
  const asRoot = isRoot ? '' : ' Run the demo as root: it then builds in a Debian of its own.';
  // A sandbox has a shell or not, as it was configured.
  if (/mkdir: (command )?not found|executing '\/bin\/sh': No such file/.test(said))
    return `Nix builds in a sandbox here, where the sample app finds no program of the host.${asRoot}`;
  if (/daemon-socket.*Permission denied|Permission denied.*daemon-socket/.test(said))
    return `You may not use Nix here. Join the group it is for (Debian: sudo adduser $USER nix-users) and log in again.${asRoot}`;
  return `Nix does not build here.${asRoot}`;
}
