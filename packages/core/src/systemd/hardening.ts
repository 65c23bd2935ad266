import { quoteOptionalPath } from './quote.ts';

/**
 * What an app may not do, for the system scope. Measured with a Node server with workers, children, state and a
 * credential. Left out on purpose: `MemoryDenyWriteExecute` (breaks JIT) and `ProcSubset=pid` (Node then sees 0 CPUs).
 */
export function hardening(hidden: readonly string[]): string[] {
  return [
    'NoNewPrivileges=yes',
    'ProtectSystem=strict',
    'ProtectHome=yes',
    'PrivateTmp=yes',
    'PrivateDevices=yes',
    'ProtectProc=invisible',
    'ProtectKernelTunables=yes',
    'ProtectKernelModules=yes',
    'ProtectKernelLogs=yes',
    'ProtectControlGroups=yes',
    'ProtectClock=yes',
    'ProtectHostname=yes',
    // AF_NETLINK: the host's addresses are listed by it (getifaddrs), as Node's `os.networkInterfaces()` does.
    'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK',
    'RestrictNamespaces=yes',
    'RestrictRealtime=yes',
    'RestrictSUIDSGID=yes',
    'LockPersonality=yes',
    'CapabilityBoundingSet=',
    'SystemCallArchitectures=native',
    'SystemCallFilter=@system-service',
    'SystemCallErrorNumber=EPERM',
    'UMask=0077',
    'RemoveIPC=yes',
    `InaccessiblePaths=${hidden.map(quoteOptionalPath).join(' ')}`,
  ];
}
