/** In SQL, the job whose end is that of a line of `branches`: of what Redis could not keep, the one it would have had. */
export const jobOfLine = (branches: string): string => `coalesce(${branches}.job, ${branches}.own)`;
