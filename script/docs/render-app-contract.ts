import { manifestJsonSchema } from '@bough/core/manifest/manifest-json-schema.ts';
import { allowedDirectives } from '@bough/core/state/service-config.ts';
import { renderFields } from './render-fields.ts';

/** The fields of `mkDeployment` in `docs/app-contract.md`. The schema's number is none of them: it is written by Nix. */
export function renderAppContract(): string {
  const { properties: { schema: _, ...properties } = {}, ...rest } = manifestJsonSchema();
  const directives = allowedDirectives.map((name) => `\`${name}\``).join(', ');
  return `${renderFields({ ...rest, properties }, 'field')}\n\nAllowed in \`serviceConfig\`: ${directives}.
\`Nice\` and \`OOMScoreAdjust\` from 0 on, \`TimeoutStopSec\` up to 10 minutes. A branch has at most 32 services, and all \`preStartTimeout\` (of what has a
\`preStart\`) and \`health.timeoutSec\` (of what listens) together are an hour at most.`;
}
