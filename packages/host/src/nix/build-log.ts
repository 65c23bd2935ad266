import { createWriteStream } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { isMissing } from '../is-missing.ts';
import { makeFolder } from '../make-folder.ts';

/** How many log files are kept in one folder, and how large one may become. */
const keptFiles = 20;
const maxBytes = 64 << 20;
/** Each meets another step of a removal, which has a few. */
const maxTries = 10;

/** The whole log of one build, as a file. A log that cannot be written is no reason for a build to fail. */
export interface BuildLog {
  line(text: string): void;
  close(): Promise<void>;
}

/** Opens the file for adding lines, makes its folder, and removes the oldest logs beside it. */
export async function openBuildLog(path: string): Promise<BuildLog> {
  await makeReady(dirname(path));
  // One that is tried again and again adds to the same file: a full one begins anew.
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  const isFull = size > maxBytes / 2;
  const file = createWriteStream(path, { flags: isFull ? 'w' : 'a' });
  let left = isFull ? maxBytes : maxBytes - size;
  let broken = false;
  file.on('error', () => {
    broken = true; // a full disk, most likely: Nix itself will say so
  });

  return {
    line(text) {
      if (broken || left < 0) return;
      left -= text.length + 1;
      file.write(left < 0 ? '… the log ends here: it is too long\n' : `${text}\n`);
    },
    async close() {
      if (broken) return;
      file.end();
      await finished(file).catch(() => undefined);
    },
  };
}

/** What was there of a branch before it was deleted and pushed again may just be removed, and the folder with it: it is made again. */
async function makeReady(folder: string): Promise<void> {
  for (let tries = 0; tries < maxTries; tries++) {
    try {
      await makeFolder(folder);
      return await removeOldest(folder);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
}

async function removeOldest(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.length < keptFiles) return;
  const files = await Promise.all(names.map(async (name) => ({ name, at: (await stat(`${folder}/${name}`)).mtimeMs })));
  const oldest = files.toSorted((a, b) => b.at - a.at).slice(keptFiles - 1);
  for (const { name } of oldest) await rm(`${folder}/${name}`, { force: true });
}
