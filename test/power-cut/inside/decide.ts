// Inside a machine: decides over a branch as a person does, notes the answer on a disk whose power is not cut, and prints what was asked for.
import { bough } from '../../support/command-line.ts';
import { decided, noteAnswer, readAnswers } from './decisions.ts';

const kinds = ['pin', 'suspend', 'resume', 'unpin'];

const count = (await readAnswers()).length;
const kind = kinds[count % kinds.length] ?? '';
const { code, stdout, stderr } = await bough([kind, 'demo', decided, '--why', `decision ${count}`, '--json']);
if (code !== 0) throw new Error(`bough ${kind} ended with ${code}: ${stderr}${stdout}`);
await noteAnswer(JSON.parse(stdout));
process.stdout.write(`${kind}\n`);
