import { configJsonSchema } from '@bough/core/config/config-json-schema.ts';

interface Property {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Property>>;
  readonly additionalProperties?: Property | boolean;
  readonly required?: readonly string[];
  readonly items?: Property;
}

/** The table of `docs/configuration.md`: every setting, its type, its default and what it means. */
export function renderConfiguration(): string {
  const rows = rowsOf(configJsonSchema() as Property, '').map((cells) => `| ${cells.join(' | ')} |`);
  return ['| setting | type | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function rowsOf(property: Property, path: string): string[][] {
  const rows: string[][] = [];
  for (const [name, child] of Object.entries(property.properties ?? {})) {
    const full = path === '' ? name : `${path}.${name}`;
    const isRequired = property.required?.includes(name) === true;
    if (child.properties === undefined && typeof child.additionalProperties !== 'object') {
      rows.push([`\`${full}\``, typeOf(child), defaultOf(child, isRequired), child.description ?? '']);
    }
    rows.push(...rowsOf(child, full));
    if (typeof child.additionalProperties === 'object')
      rows.push(...rowsOf(child.additionalProperties, `${full}.<name>`));
  }
  return rows;
}

function typeOf({ enum: values, type, items }: Property): string {
  if (values !== undefined) return values.map((value) => `\`${String(value)}\``).join(' or ');
  return type === 'array' ? `list of ${items?.type ?? 'values'}` : (type ?? '');
}

function defaultOf(property: Property, isRequired: boolean): string {
  if (property.default !== undefined) return `\`${JSON.stringify(property.default)}\``;
  return isRequired ? 'required' : '–';
}
