import { configJsonSchema } from '@bough/core/config/config-json-schema.ts';
import { renderFields } from './render-fields.ts';

/** The table of `docs/configuration.md`. */
export function renderConfiguration(): string {
  return renderFields(configJsonSchema(), 'setting');
}
