import { errorTable } from '@bough/core/error-table.ts';

/** The table of `docs/errors.md`. */
export function renderErrors(): string {
  const rows = Object.entries(errorTable).map(
    ([code, { action, meaning, advice }]) => `| \`${code}\` | ${action} | ${meaning} | ${advice} |`,
  );
  return ['| code | action | what happened | what to do |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
