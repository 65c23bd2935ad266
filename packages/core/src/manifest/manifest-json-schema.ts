import * as z from 'zod';
import { Manifest } from '../state/manifest.ts';
import { allowedDirectives, ServiceConfig } from '../state/service-config.ts';

/** The JSON schema (2020-12) of `share/bough/deployment.json` as a branch writes it: fields with a default are optional. */
export function manifestJsonSchema() {
  return z.toJSONSchema(Manifest, {
    io: 'input',
    override({ zodSchema, jsonSchema }) {
      // The check of the names is a function, which a schema cannot hold.
      if (zodSchema === ServiceConfig) jsonSchema.propertyNames = { enum: [...allowedDirectives] };
    },
  });
}
