import type { Command } from '../command.ts';
import { UsageError } from '../usage-error.ts';
import { operationOptions, runOperation } from './operation.ts';

/** `bough rollback`. */
export const rollback: Command = {
  name: 'rollback',
  usage: 'PROJECT BRANCH [RELEASE]',
  takes: [2, 3],
  summary: 'make an earlier release serve again, and keep it there',
  about: [
    'Without RELEASE it is the newest verified one before the desired one. Nothing is built and nothing is fetched; it works\nwith Redis and the network down. It is answered once the release serves; the old one then drains and stops.',
    'The branch is pinned: newer pushes are built and recorded, and not started until `bough unpin`. A release that does not\ncome up leaves everything as it was.',
  ],
  options: operationOptions,
  async run(cli, input) {
    const wanted = input.args[2];
    if (wanted !== undefined && !/^[1-9]\d{0,8}$/.test(wanted))
      throw new UsageError(`${wanted} is no release's number; \`bough releases\` lists them`);
    return await runOperation(cli, input, {
      kind: 'rollback',
      release: wanted === undefined ? null : Number(wanted),
    });
  },
};
