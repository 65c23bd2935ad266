import * as z from 'zod';

/** The forges whose deliveries Bough understands. `git` is a bare repository with the hook Bough ships. */
export const ForgeName = z.enum(['github', 'gitlab', 'gitea', 'forgejo', 'bitbucket', 'bitbucket-data-center', 'git']);
export type ForgeName = z.infer<typeof ForgeName>;
