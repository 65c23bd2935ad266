import { type Deed, isEmptying } from './deed.ts';

/**
 * Whether the run cancelled the build of a branch's head, and nobody asked for it after that: until then it is held. What
 * was asked for is lost when Redis is emptied, and a cancel that broke off may be carried out after it.
 */
export function isHeld(branch: string, head: string, deeds: readonly Deed[]): boolean {
  const cancels = deeds.filter(({ action }) => action.do === 'cancel' && action.branch === branch);
  if (cancels.some(({ brokeOff }) => brokeOff === true)) return true;
  const last = cancels.findLast(({ held }) => held === head);
  return last !== undefined && !deeds.slice(deeds.indexOf(last)).some((deed) => isAskedFor(branch, deed, deeds));
}

function isAskedFor(
  branch: string,
  { action, refused, brokeOff, retried, from }: Deed,
  deeds: readonly Deed[],
): boolean {
  const isDeploy = action.do === 'deploy' && action.branch === branch && refused !== true && brokeOff !== true;
  if (!isDeploy && retried?.includes(branch) !== true) return false;
  return !deeds.some((deed) => isEmptying(deed) && deed.to >= from);
}
