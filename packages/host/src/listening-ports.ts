import { readFile } from 'node:fs/promises';

const listening = '0A'; // TCP_LISTEN in /proc/net/tcp, see proc_net_tcp in the kernel's documentation

/** TCP ports something on this host listens on, on any address. */
export async function listeningPorts(): Promise<Set<number>> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((table) => readFile(`/proc/net/${table}`, 'utf8').catch(() => '')),
  );
  const rows = tables.flatMap((table) => table.split('\n').slice(1)).map((row) => row.trim().split(/\s+/));
  return new Set(
    rows.filter((row) => row[3] === listening).map((row) => Number.parseInt(row[1]?.split(':')[1] ?? '', 16)),
  );
}
