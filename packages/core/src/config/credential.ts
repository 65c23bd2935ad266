import * as z from 'zod';
import { BranchPattern } from '../branch-patterns.ts';
import { absolutePath } from './fields.ts';

/** A secret handed to the processes of branches as a systemd credential, never as a variable. */
export const Credential = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 of A-Z, a-z, 0-9, dot, dash, underscore')
    .describe('Its file name in `CREDENTIALS_DIRECTORY`.'),
  file: absolutePath.describe('The file that holds it.'),
  branches: z.array(BranchPattern).default(['**']).describe('Patterns of the branches that get it.'),
});
