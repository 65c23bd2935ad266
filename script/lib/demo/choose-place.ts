/** What the choice of a place depends on. */
export interface Host {
  readonly isRoot: boolean;
  /** Whether a systemd of this user runs. A login gives one to root, too. */
  readonly hasUserManager: boolean;
  /** Whether every program is there, and Nix builds as the sample app wants it. Looked at for root alone, who has a choice. */
  readonly isEquipped: boolean;
}

/**
 * A machine of its own needs root and next to nothing of the host. What runs in the host's own systemd needs programs from it, so
 * root gets that only where nothing would have to be installed for it.
 */
export function choosePlace({ isRoot, hasUserManager, isEquipped }: Host): 'user-manager' | 'machine' {
  return hasUserManager && (!isRoot || isEquipped) ? 'user-manager' : 'machine';
}
