/** A flake and what of it is meant. */
export interface FlakeReference {
  readonly flake: string;
  readonly attribute: string;
}

/**
 * Reads a reference to a flake as a person writes it: a path that begins with `.` or `/`, or a URL, and after `#` an
 * attribute. `null` for a bare name, which Nix would look up in a registry, and for what it would take for an option.
 */
export function parseFlakeReference(text: string, system: string): FlakeReference | null {
  const [, flake = '', attribute = ''] = /^([^#]*)#?(.*)$/s.exec(text) ?? [];
  if (!/^(\.|\/|[a-z][a-z0-9+]*:)/.test(flake)) return null;
  return { flake, attribute: attribute === '' ? `packages.${system}.default` : attribute };
}
