import type * as z from 'zod';
import { AppError } from '../app-error.ts';

/**
 * The data of a job, parsed again by whoever works on it: a job may have been added by something else than Bough.
 * @throws AppError JOB_INVALID
 */
export function parseJob<S extends z.ZodType>(schema: S, data: unknown, job: string): z.infer<S> {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.') || '(top level)'}: ${issue.message}`);
  throw new AppError('JOB_INVALID', `Job ${job} carries data that is not Bough's: ${problems.join('; ')}`);
}
