import * as z from 'zod';
import { Config } from './config.ts';

/** The JSON schema (2020-12) of the configuration file as a person writes it: settings with a default are optional. */
export function configJsonSchema() {
  return z.toJSONSchema(Config, { io: 'input' });
}
