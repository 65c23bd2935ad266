// Inside a machine on which nobody else syncs anything: writes as Bough does, and says so, upon which the power is cut. The file
// comes last: what is written after the other would sync its folder too.
import { mkdir, writeFile } from 'node:fs/promises';
import { layoutOf } from '@bough/core/layout.ts';
import { note } from '@bough/host/operate/note.ts';
import { writeFileAtomically } from '@bough/host/write-file-atomically.ts';

const layout = layoutOf({ stateDir: '/root', runtimeDir: '/run/bough', unitDir: '/run/systemd/system' });
const id = { project: 'demo', slug: 'main' };
await mkdir(layout.deployment(id), { recursive: true });
await writeFile('/root/known', 'old');
await note(layout, id, { kind: 'pin' });
await writeFileAtomically('/root/known', 'new');
await writeFileAtomically('/root/unknown', 'new');
process.stdout.write(layout.operations(id));
