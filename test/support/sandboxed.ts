/**
 * Commands after which the Nix of a machine builds in a sandbox, as Debian 13 has it. It mounts a `/proc` there, which a kernel
 * refuses where parts of the one outside are covered.
 */
export const sandboxed = `umount --lazy --recursive /proc/sys && printf 'sandbox = true\\nsandbox-fallback = false\\n' >>/etc/nix/nix.conf && systemctl restart nix-daemon.service`;
