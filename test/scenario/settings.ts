/** How a host is set up, as the scenario has to know it: a JSON file. */
export interface Settings {
  /** The bare repository Bough fetches project `scenario` from; made by the scenario. */
  readonly repository: string;
  /** Where its webhook is taken, and the file with its secret. */
  readonly webhook: string;
  readonly secretFile: string;
  /** Where its branches are reached, without a slash at the end. */
  readonly url: string;
  /** Store paths that hold `bin/sh` with the usual commands beside it, and `bin/node`. */
  readonly shell: string;
  readonly node: string;
}

/** What is to be found again after a reboot. */
export interface Expected {
  readonly live: Readonly<Record<string, { readonly text: string; readonly release: number }>>;
  readonly gone: readonly string[];
}
