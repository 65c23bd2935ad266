// node fetch-tarballs.ts FOLDER: brings the tarballs of Bough's production packages into a cache of npm there, for the machines,
// which have no network. Nothing happens, and no network is asked, when all are there.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, delimiter } from 'node:path';
import { productionTarballs, tarballPath } from './tarballs.ts';

const [folder = ''] = process.argv.slice(2);
const missing = productionTarballs().filter(({ integrity }) => !existsSync(tarballPath(folder, integrity)));
if (missing.length > 0) {
  const specs = missing.map(({ name, version }) => `${name}@${version}`);
  // npm runs under the Node it came with, as in script/bootstrap.
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((entry) => entry !== dirname(process.execPath));
  execFileSync('npm', ['cache', 'add', '--cache', folder, '--loglevel=error', ...specs], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: path.join(delimiter) },
  });
}
