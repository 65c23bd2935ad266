import { execFile } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** A secret as it is, in hexadecimal, and in base64 wherever it may begin in what was encoded. */
export function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].flatMap((offset) => {
    // Only the characters that hold bits of the secret alone.
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const text = encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
    return [text, text.replaceAll('+', '-').replaceAll('/', '_')];
  });
  const hex = bytes.toString('hex');
  return [...new Set([secret, hex, hex.toUpperCase(), ...base64])];
}

/** Which of the files below `paths` hold one of the texts. Sockets and what vanishes meanwhile are passed over. */
export async function filesWith(texts: readonly string[], paths: readonly string[]): Promise<string[]> {
  if (paths.length === 0) return [];
  const list = `/root/texts-${process.hrtime.bigint()}`; // a file: as arguments they would be found in /proc
  await writeFile(list, texts.join('\n'), { mode: 0o600 });
  try {
    const argv = ['-rlasF', '--devices=skip', '-f', list, '--', ...paths];
    const { stdout } = await exec('grep', argv, { maxBuffer: 1 << 26 }).catch(
      (error: { code?: unknown; stdout: string }) => {
        if (error.code === 1 || error.code === 2) return error; // nothing found; or something could not be read
        throw error as unknown;
      },
    );
    return stdout.split('\n').filter((line) => line !== '');
  } finally {
    await rm(list);
  }
}

/** Which processes carry one of the texts in their environment or arguments now: file and command. */
export async function processesWith(texts: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    for (const file of [`/proc/${pid}/environ`, `/proc/${pid}/cmdline`]) {
      const bytes = await readFile(file).catch(() => Buffer.alloc(0)); // it ended
      if (texts.some((text) => bytes.includes(text))) found.push(file);
    }
  }
  return found;
}
