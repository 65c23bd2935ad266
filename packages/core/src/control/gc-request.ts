import * as z from 'zod';

/** Body of `POST /collections` of the control socket. `all`: down to the last garbage, whatever is free. */
export const GcRequest = z.strictObject({ all: z.boolean() });
export type GcRequest = z.infer<typeof GcRequest>;
