// node write.ts FOLDER: writes the manuals and completions into a `share` folder. For nix/package.nix.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { shareFiles } from './share-files.ts';

const [folder = ''] = process.argv.slice(2);
for (const [path, text] of Object.entries(shareFiles())) {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}
