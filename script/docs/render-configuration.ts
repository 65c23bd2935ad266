import { configJsonSchema } from '@bough/core/config/config-json-schema.ts';

type Property = ReturnType<typeof configJsonSchema>;
type Schema = NonNullable<Property['additionalProperties']>;

/** The table of `docs/configuration.md`: every setting, its type, its default and what it means. */
export function renderConfiguration(): string {
  const rows = rowsOf(configJsonSchema(), '').map((cells) => `| ${cells.join(' | ')} |`);
  return ['| setting | type | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function rowsOf(property: Property | Schema, path: string): string[][] {
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

function typeOf({ enum: values, const: constant, type, items }: Exclude<Schema, boolean>): string {
  const choices = values ?? (constant === undefined ? null : [constant]);
  if (choices !== null) return choices.map((value) => `\`${String(value)}\``).join(' or ');
  const item = typeof items === 'object' && 'type' in items ? items.type : 'values';
  return type === 'array' ? `list of ${String(item)}` : String(type ?? '');
}

function defaultOf(property: Exclude<Schema, boolean>, isRequired: boolean): string {
  if (property.default !== undefined) return `\`${JSON.stringify(property.default)}\``;
  return isRequired ? 'required' : '–';
}
