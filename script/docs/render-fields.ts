import type { configJsonSchema } from '@bough/core/config/config-json-schema.ts';

type Schema = NonNullable<ReturnType<typeof configJsonSchema>['additionalProperties']>;
type Property = Exclude<Schema, boolean>;

/** A table of every field of a JSON schema: its path, its type, its default and what it means. */
export function renderFields(schema: Property, heading: string): string {
  const rows = rowsOf(schema, '').map((cells) => `| ${cells.join(' | ')} |`);
  return [`| ${heading} | type | default | meaning |`, '| --- | --- | --- | --- |', ...rows].join('\n');
}

function rowsOf(property: Schema, path: string): string[][] {
  if (typeof property === 'boolean') return [];
  const rows: string[][] = [];
  for (const [name, child] of Object.entries(property.properties ?? {})) {
    if (typeof child === 'boolean') continue;
    const full = path === '' ? name : `${path}.${name}`;
    const below = [...rowsOf(child, full), ...rowsOf(child.additionalProperties ?? false, `${full}.<name>`)];
    const isRequired = property.required?.includes(name) === true;
    if (below.length === 0)
      rows.push([`\`${full}\``, typeOf(child), defaultOf(child, isRequired), child.description ?? '']);
    rows.push(...below);
  }
  return rows;
}

function typeOf(property: Schema): string {
  if (typeof property === 'boolean') return '';
  const { enum: values, const: constant, type, items, anyOf } = property;
  if (anyOf !== undefined) return [...new Set(anyOf.map(typeOf))].join(' or ');
  const choices = values ?? (constant === undefined ? null : [constant]);
  if (choices !== null) return choices.map((value) => `\`${String(value)}\``).join(' or ');
  const item = typeof items === 'object' && 'type' in items ? items.type : 'values';
  return type === 'array' ? `list of ${String(item)}` : String(type ?? '');
}

function defaultOf(property: Property, isRequired: boolean): string {
  if (property.default !== undefined) return `\`${JSON.stringify(property.default)}\``;
  return isRequired ? 'required' : '–';
}
