import type { Command } from '../command.ts';
import { operationOptions, runOperation } from './operation.ts';

/** `bough delete`. */
export const deleteBranch: Command = {
  name: 'delete',
  usage: 'PROJECT BRANCH',
  takes: [2, 2],
  summary: 'take a preview down until a new commit comes',
  about: [
    'Everything of it that runs is stopped and what is built of it is cancelled, as when its time to live has run out. What the app\nstored and its releases stay until git deletes the branch. A new commit, `bough deploy` or `bough resume` brings it back;\na pin is lifted. The production branch cannot be deleted; suspend it.',
  ],
  options: operationOptions,
  run: (cli, input) => runOperation(cli, input, { kind: 'delete' }),
};
