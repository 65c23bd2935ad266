import type { configJsonSchema } from '@bough/core/config/config-json-schema.ts';

type Schema = NonNullable<ReturnType<typeof configJsonSchema>['additionalProperties']>;
/** A JSON schema as zod writes it, of an object or of one of its fields. */
export type FieldSchema = Exclude<Schema, boolean>;

/** A field, in the words of a reference. */
export interface Field {
  readonly path: string;
  readonly type: string;
  readonly default: string;
  readonly meaning: string;
}

/** Every field of a JSON schema, the innermost ones by their whole path. */
export function fieldsOf(property: Schema, path = ''): Field[] {
  if (typeof property === 'boolean') return [];
  const fields: Field[] = [];
  for (const [name, child] of Object.entries(property.properties ?? {})) {
    if (typeof child === 'boolean') continue;
    const full = path === '' ? name : `${path}.${name}`;
    const below = [...fieldsOf(child, full), ...fieldsOf(child.additionalProperties ?? false, `${full}.<name>`)];
    const isRequired = property.required?.includes(name) === true;
    if (below.length === 0) {
      const meaning = child.description ?? '';
      fields.push({ path: full, type: typeOf(child), default: defaultOf(child, isRequired), meaning });
    }
    fields.push(...below);
  }
  return fields;
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

function defaultOf(property: FieldSchema, isRequired: boolean): string {
  if (property.default !== undefined) return `\`${JSON.stringify(property.default)}\``;
  return isRequired ? 'required' : '–';
}
