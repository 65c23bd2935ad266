/** What an exit status of systemd's own means, from systemd.exec(5), "Process exit codes": the program has not begun. */
export interface SystemdExit {
  /** systemd's name of it, such as `EXEC`. */
  readonly name: string;
  /** Whether the release is to blame: its program, or a directive its manifest may set. Any other is the host's trouble. */
  readonly ofRelease: boolean;
}

const names: Readonly<Record<number, string>> = {
  200: 'CHDIR',
  201: 'NICE',
  202: 'FDS',
  203: 'EXEC',
  204: 'MEMORY',
  205: 'LIMITS',
  206: 'OOM_ADJUST',
  207: 'SIGNAL_MASK',
  208: 'STDIN',
  209: 'STDOUT',
  210: 'CHROOT',
  211: 'IOPRIO',
  212: 'TIMERSLACK',
  213: 'SECUREBITS',
  214: 'SETSCHEDULER',
  215: 'CPUAFFINITY',
  216: 'GROUP',
  217: 'USER',
  218: 'CAPABILITIES',
  219: 'CGROUP',
  220: 'SETSID',
  221: 'CONFIRM',
  222: 'STDERR',
  224: 'PAM',
  225: 'NETWORK',
  226: 'NAMESPACE',
  227: 'NO_NEW_PRIVILEGES',
  228: 'SECCOMP',
  229: 'SELINUX_CONTEXT',
  230: 'PERSONALITY',
  231: 'APPARMOR_PROFILE',
  232: 'ADDRESS_FAMILIES',
  233: 'RUNTIME_DIRECTORY',
  235: 'CHOWN',
  236: 'SMACK_PROCESS_LABEL',
  237: 'KEYRING',
  238: 'STATE_DIRECTORY',
  239: 'CACHE_DIRECTORY',
  240: 'LOGS_DIRECTORY',
  241: 'CONFIGURATION_DIRECTORY',
  242: 'NUMA_POLICY',
  243: 'CREDENTIALS',
  245: 'BPF',
};

// EXEC is the program; the others are `Nice`, `LimitNOFILE` and `OOMScoreAdjust`, which a manifest may set.
const ofRelease = new Set([201, 203, 205, 206]);

/** `null` where it is none of systemd's: then the program itself ended with it. */
export function systemdExit(status: number): SystemdExit | null {
  const name = names[status];
  return name === undefined ? null : { name, ofRelease: ofRelease.has(status) };
}
