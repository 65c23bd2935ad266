/** One thing to do, with its reason. A plan is a list of these and leaves no choice to whoever carries it out. */
export type Step = { readonly reason: string } & (
  | { readonly kind: 'hold-root'; readonly seq: number; readonly outPath: string }
  | { readonly kind: 'write-unit'; readonly unit: string; readonly text: string }
  | { readonly kind: 'check-units'; readonly seq: number; readonly units: readonly string[] }
  | { readonly kind: 'link-unit'; readonly unit: string }
  | { readonly kind: 'reload-systemd' }
  | {
      readonly kind: 'start-units';
      readonly seq: number;
      readonly units: readonly string[];
      readonly failed: readonly string[];
    }
  | { readonly kind: 'prepare'; readonly seq: number; readonly units: readonly string[] }
  | { readonly kind: 'verify'; readonly seq: number; readonly settles: boolean }
  | { readonly kind: 'switch'; readonly seq: number }
  | { readonly kind: 'withdraw' }
  | { readonly kind: 'drain' }
  | { readonly kind: 'finish'; readonly sockets: readonly string[] }
  | { readonly kind: 'stop-units'; readonly units: readonly string[] }
  | { readonly kind: 'clean-app'; readonly unit: string }
  | { readonly kind: 'forget-unit'; readonly unit: string }
  | { readonly kind: 'remove-release'; readonly seq: number }
  | { readonly kind: 'remove-sockets' }
  | { readonly kind: 'remove-deployment'; readonly branch: string }
);

/** What every kind of step does, in words, for logs and golden plans. */
export function describeStep(step: Step): string {
  return `${what(step)} (${step.reason})`;
}

function what(step: Step): string {
  switch (step.kind) {
    case 'hold-root':
      return `hold release ${step.seq} in the store`;
    case 'write-unit':
      return `write ${step.unit}`;
    case 'check-units':
      return `let systemd check the units of release ${step.seq}`;
    case 'link-unit':
      return `link ${step.unit}`;
    case 'reload-systemd':
      return 'reload systemd';
    case 'start-units':
      return `start ${step.units.join(' ')}`;
    case 'prepare':
      return `run ${step.units.join(' ')}`;
    case 'verify':
      return `verify release ${step.seq}${step.settles ? '' : ', without a settle time'}`;
    case 'switch':
      return `switch to release ${step.seq}`;
    case 'withdraw':
      return 'withdraw the socket Caddy dials';
    case 'drain':
      return 'drain';
    case 'finish':
      return `let the requests to ${step.sockets.join(' ')} finish`;
    case 'stop-units':
      return `stop ${step.units.join(' ')}`;
    case 'clean-app':
      return `clean what the app stored through ${step.unit}`;
    case 'forget-unit':
      return `forget ${step.unit}`;
    case 'remove-release':
      return `remove release ${step.seq}`;
    case 'remove-sockets':
      return 'remove the folder of sockets';
    case 'remove-deployment':
      return `remove all that is recorded of ${step.branch}`;
  }
}
