// Writes the parts of docs/ that come from the code. `node script/docs/write.ts`; a test tells when it is due.
import { writeFile } from 'node:fs/promises';
import { generatedPages } from './pages.ts';

for (const [url, text] of await generatedPages()) await writeFile(url, text);
