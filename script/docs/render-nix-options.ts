import { configJsonSchema } from '@bough/core/config/config-json-schema.ts';
import type { FieldSchema } from './fields-of.ts';

/** Not for the module: it has no other scope, and no editor reads its JSON. */
const left = ['$schema', 'scope'];

/** `nix/options.nix`: every setting of the configuration as a typed option of the NixOS module. */
export function renderNixOptions(): string {
  const schema = configJsonSchema();
  const properties = Object.fromEntries(
    Object.entries(schema.properties ?? {}).filter(([name]) => !left.includes(name)),
  );
  return `# Written by script/docs/write.ts from the schema of the configuration: every setting as an option of services.bough.settings.
# null stands for Bough's own default.
{ lib }:
let
  inherit (lib) mkOption types;
in
${renderOptions({ ...schema, properties }, 0)}
`;
}

function renderOptions(schema: FieldSchema, depth: number): string {
  const indent = '  '.repeat(depth + 1);
  const options = Object.entries(schema.properties ?? {}).map(([name, child]) => {
    if (typeof child === 'boolean') throw new Error(`${name} has no schema`);
    return `${indent}${JSON.stringify(name)} = ${renderOption(child, schema.required?.includes(name) === true, depth + 1)};\n`;
  });
  return `{\n${options.join('')}${'  '.repeat(depth)}}`;
}

function renderOption(schema: FieldSchema, isRequired: boolean, depth: number): string {
  if (schema.properties !== undefined) return renderOptions(schema, depth);
  const fallback = isRequired ? undefined : (schema.default ?? null);
  const type = typeOf(schema, depth + 1);
  const lines = [
    `type = ${fallback === null ? `types.nullOr (${type})` : type};`,
    ...(fallback === undefined ? [] : [`default = ${literal(fallback)};`]),
    `description = ${literal(schema.description ?? '')};`,
  ];
  const indent = '  '.repeat(depth + 1);
  return `mkOption {\n${lines.map((line) => `${indent}${line}\n`).join('')}${'  '.repeat(depth)}}`;
}

const plain = new Map([
  ['string', 'types.str'],
  ['integer', 'types.int'],
  ['number', 'types.number'],
  ['boolean', 'types.bool'],
]);

/** Shape alone: what a pattern or a bound says is checked when the configuration is built, by Bough itself. */
function typeOf(schema: FieldSchema['items'], depth: number): string {
  if (typeof schema !== 'object' || Array.isArray(schema))
    throw new Error(`${JSON.stringify(schema)} is no one schema`);
  const { anyOf, enum: values, const: constant, type, items, additionalProperties, properties } = schema;
  if (anyOf !== undefined) return `types.oneOf [ ${anyOf.map((one) => `(${typeOf(one, depth)})`).join(' ')} ]`;
  const choices = values ?? (constant === undefined ? null : [constant]);
  if (choices !== null) return `types.enum [ ${choices.map(literal).join(' ')} ]`;
  if (properties !== undefined) return `types.submodule { options = ${renderOptions(schema, depth)}; }`;
  if (type === 'array') return `types.listOf (${typeOf(items, depth)})`;
  if (type === 'object') return `types.attrsOf (${typeOf(additionalProperties, depth)})`;
  const name = plain.get(String(type));
  if (name === undefined) throw new Error(`${JSON.stringify(schema)} has no type of Nix`);
  return name;
}

function literal(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value).replaceAll('${', '\\${');
  if (Array.isArray(value)) return value.length === 0 ? '[ ]' : `[ ${value.map(literal).join(' ')} ]`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'object')
    return `{ ${Object.entries(value)
      .map(([name, child]) => `${name} = ${literal(child)};`)
      .join(' ')} }`;
  throw new Error(`a ${typeof value} has no literal of Nix`);
}
