import type * as z from 'zod';
import { AppError } from '../app-error.ts';
import { schemaProblems } from '../schema-problems.ts';

/** A delivery's body as its forge documents it. @throws AppError DELIVERY_INVALID, with every wrong field named */
export function parseBody<T extends z.ZodType>(schema: T, forge: string, eventName: string, body: unknown): z.infer<T> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new AppError(
    'DELIVERY_INVALID',
    `The ${eventName} event is not what ${forge} sends: ${schemaProblems(result.error).join('; ')}`,
  );
}
