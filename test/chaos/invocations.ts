import { systemctl } from '../support/installation.ts';

/** Which run of each unit it is, by unit: systemd gives every start an id of its own. */
type Invocations = ReadonlyMap<string, string>;

/** The runs of all units of these deployments, sockets and proxies included. */
export async function invocationsOf(slugs: readonly string[]): Promise<Invocations> {
  const patterns = slugs.map((slug) => `bough-demo--${slug}--*`);
  return parseInvocations(await systemctl('show', '--all', '--property=Id,InvocationID,MainPID', ...patterns));
}

/** Reads what `systemctl show` prints: a block for each unit, in no order one may rely on. */
export function parseInvocations(text: string): Invocations {
  const valueIn = (block: string, name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(block)?.[1] ?? '';
  const blocks = text.split('\n\n').filter((block) => valueIn(block, 'Id') !== '');
  return new Map(
    blocks.map((block) => [
      valueIn(block, 'Id'),
      `${valueIn(block, 'InvocationID')} ${valueIn(block, 'MainPID')}`.trim(),
    ]),
  );
}

/** The units that did not run on from one time to the other, a sentence each. */
export function whatRestarted(before: Invocations, after: Invocations): string[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((unit) => before.get(unit) !== after.get(unit))
    .map(
      (unit) =>
        `${unit} did not run on: it was ${before.get(unit) ?? 'not there'}, and is ${after.get(unit) ?? 'gone'}`,
    );
}
