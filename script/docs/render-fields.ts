import { type FieldSchema, fieldsOf } from './fields-of.ts';

/** A table of every field of a JSON schema: its path, its type, its default and what it means. */
export function renderFields(schema: FieldSchema, heading: string): string {
  const rows = fieldsOf(schema).map(
    ({ path, type, default: value, meaning }) => `| \`${path}\` | ${type} | ${value} | ${meaning} |`,
  );
  return [`| ${heading} | type | default | meaning |`, '| --- | --- | --- | --- |', ...rows].join('\n');
}
