import type { Action, Fault, Harm, Kind } from './schedule.ts';

const harm: readonly Kind[] = ['good'];
const build: readonly Kind[] = ['slow'];

/** What is to be pushed right before it: something that runs, something that is built, a branch that has a past. */
const kinds: { readonly [What in Fault | Harm]?: readonly Kind[] } = {
  'stop-unit': harm,
  'mask-unit': harm,
  'kill-app': harm,
  'edit-unit': harm,
  'delete-unit': harm,
  'delete-sockets': harm,
  'kill-builder': build,
  'restart-nix-daemon': build,
  'kill-nix-daemon': build,
  'freeze-nix-daemon': build,
  'collect-store': build,
  'fill-store-disk': build,
  'stale-remote': ['good', 'good'],
};

/** What a branch has to get right before an action that would meet nothing otherwise. */
export function makersOf(action: Action, branch: string): Action[] {
  const pushed = 'what' in action ? (kinds[action.what] ?? []) : [];
  return pushed.map((kind) => ({ do: 'push', branch, kind, told: true }));
}
