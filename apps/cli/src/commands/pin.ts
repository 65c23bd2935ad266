import type { Command } from '../command.ts';
import { operationOptions, runOperation } from './operation.ts';

/** `bough pin`. */
export const pin: Command = {
  name: 'pin',
  usage: 'PROJECT BRANCH',
  takes: [2, 2],
  summary: 'keep the release a branch has now, whatever is pushed',
  about: ['Newer pushes are built and recorded, and not started until `bough unpin`.'],
  options: operationOptions,
  run: async (cli, input) => await runOperation(cli, input, { kind: 'pin' }),
};

/** `bough unpin`. */
export const unpin: Command = {
  name: 'unpin',
  usage: 'PROJECT BRANCH',
  takes: [2, 2],
  summary: 'let a branch follow its pushes again',
  about: [
    'The newest release that did not fail serves again. A head that is newer still is built after the next sweep.',
  ],
  options: operationOptions,
  run: async (cli, input) => await runOperation(cli, input, { kind: 'unpin' }),
};
