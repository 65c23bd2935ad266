import { open, readFile } from 'node:fs/promises';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import type { Layout } from '@bough/core/layout.ts';
import { Note } from '@bough/core/operate/note.ts';
import { nullIfMissing } from '../if-there.ts';

/** One line for whoever asks later who did what; it goes with the deployment. On disk when this resolves. */
export async function note(layout: Layout, id: DeploymentId, line: object): Promise<void> {
  await using file = await open(layout.operations(id), 'a+');
  const { size } = await file.stat();
  const { buffer } = await file.read(Buffer.from('\n'), 0, 1, Math.max(size - 1, 0));
  const end = buffer.toString() === '\n' ? '' : '\n'; // a power cut tore the last one
  await file.appendFile(`${end}${JSON.stringify(line)}\n`);
  await file.datasync();
}

/** The lines there are, oldest first. What a power cut tore is passed over. */
export async function readNotes(layout: Layout, id: DeploymentId): Promise<Note[]> {
  const text = (await readFile(layout.operations(id), 'utf8').catch(nullIfMissing)) ?? '';
  return text.split('\n').flatMap((line) => {
    try {
      return Note.parse(JSON.parse(line));
    } catch {
      return [];
    }
  });
}
