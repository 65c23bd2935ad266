import { configJsonSchema } from '@bough/core/config/config-json-schema.ts';
import type { FieldSchema } from './fields-of.ts';

/** Not for the module: it has no other scope, and no editor reads its JSON. */
const left = ['$schema', 'scope'];

/** `nix/options.nix`: every setting of the configuration as a typed option of the NixOS module. */
export function renderNixOptions(): string {
  const { required, properties, ...schema } = configJsonSchema();
  const settings = Object.entries({ ...properties, projects: withDefault(properties?.['projects'], {}) });
  const options = {
    ...schema,
    properties: Object.fromEntries(settings.filter(([name]) => !left.includes(name))),
    required: required?.filter((name) => name !== 'projects') ?? [],
  };
  return `# Written by script/docs/write.ts from the schema of the configuration: every setting as an option of services.bough.settings.
# null leaves a setting out.
{ lib }:
let
  inherit (lib) mkOption types;
in
${renderOptions(options, 0)}
`;
}

/** What the module has an assertion for must not fail before, as an option that is not set. */
function withDefault(schema: FieldSchema['items'], value: object): FieldSchema {
  if (typeof schema !== 'object' || Array.isArray(schema)) throw new Error('there is no such setting');
  return { ...schema, default: value };
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
    `type = ${fallback === null ? `types.nullOr ${argument(type)}` : type};`,
    ...(fallback === undefined ? [] : [`default = ${literal(fallback)};`]),
    `description = ${literal(schema.description ?? '')};`,
  ];
  const indent = '  '.repeat(depth + 1);
  return `mkOption {\n${lines.map((line) => `${indent}${line}\n`).join('')}${'  '.repeat(depth)}}`;
}

const plain = new Map([
  ['string', 'types.str'],
  ['number', 'types.number'],
  ['boolean', 'types.bool'],
]);

/** Shape and bounds of integers alone: what a pattern says is checked when the system is built, by Bough itself. */
function typeOf(schema: FieldSchema['items'], depth: number): string {
  if (typeof schema !== 'object' || Array.isArray(schema))
    throw new Error(`${JSON.stringify(schema)} is no one schema`);
  const { enum: values, const: constant, type, items, additionalProperties, properties } = schema;
  if (schema.anyOf !== undefined) return oneOf(alternativesOf(schema).map((one) => typeOf(one, depth)));
  const choices = values ?? (constant === undefined ? null : [constant]);
  if (choices !== null) return `types.enum [ ${choices.map(literal).join(' ')} ]`;
  if (properties !== undefined) return `types.submodule { options = ${renderOptions(schema, depth)}; }`;
  if (type === 'array') return `types.listOf ${argument(typeOf(items, depth))}`;
  if (type === 'object') return `types.attrsOf ${argument(typeOf(additionalProperties, depth))}`;
  if (type === 'integer') return integerType(schema);
  const name = plain.get(String(type));
  if (name === undefined) throw new Error(`${JSON.stringify(schema)} has no type of Nix`);
  return name;
}

/** What a schema leaves to choose from, however deep. */
function alternativesOf(schema: FieldSchema): FieldSchema[] {
  return (
    schema.anyOf?.flatMap((one) => {
      if (typeof one === 'boolean') throw new Error('a choice of anything has no type of Nix');
      return alternativesOf(one);
    }) ?? [schema]
  );
}

/** Four notations of an address are all one type of Nix. */
function oneOf(types: readonly string[]): string {
  const [first = '', ...others] = new Set(types);
  return others.length === 0 ? first : `types.oneOf [ ${[first, ...others].map(argument).join(' ')} ]`;
}

/** A type as the argument of another. */
const argument = (type: string) => (type.includes(' ') ? `(${type})` : type);

function integerType({ minimum, maximum }: FieldSchema): string {
  if (minimum === 1 && maximum === 65_535) return 'types.port';
  if (minimum === 1 && maximum === Number.MAX_SAFE_INTEGER) return 'types.ints.positive';
  if (minimum === undefined || maximum === undefined) throw new Error('an integer without bounds');
  return `types.ints.between ${minimum} ${maximum}`;
}

function literal(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value).replaceAll('${', '\\${');
  if (Array.isArray(value)) return value.length === 0 ? '[ ]' : `[ ${value.map(literal).join(' ')} ]`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'object')
    return `{ ${Object.entries(value)
      .map(([name, child]) => `${name} = ${literal(child)}; `)
      .join('')}}`;
  throw new Error(`a ${typeof value} has no literal of Nix`);
}
