import { configJsonSchema } from '@bough/core/config/config-json-schema.ts';
import type { FieldSchema } from './fields-of.ts';

/** What a text may be is for people to say; everything else follows from the schema. By the path of the setting. */
const texts = new Map([
  ['stateDir', '/srv/bough'],
  ['runtimeDir', '/run/previews'],
  ['unitDir', '/run/systemd/system.attached'],
  ['redis.url', 'redis://127.0.0.1:6379'],
  ['redis.passwordFile', '/run/secrets/redis'],
  ['receiver.host', '127.0.0.2'],
  ['receiver.allowFrom', '192.30.252.0/22'],
  ['receiver.trustProxies', '10.0.0.1'],
  ['board.user', 'ada'],
  ['board.passwordFile', '/run/secrets/board'],
  ['caddy.listen', '127.0.0.1:443'],
  ['caddy.tls', 'internal'],
  ['previews.memoryMax', '4G'],
  ['previews.cpuQuota', '150%'],
  ['productions.memoryMax', '8G'],
  ['productions.cpuQuota', '300%'],
  ['builders.memoryMax', '50%'],
  ['builders.cpuQuota', '100%'],
  ['projects.forms.remote', 'https://github.com/example/forms.git'],
  ['projects.forms.webhookSecretFiles', '/run/secrets/forms'],
  ['projects.forms.production', 'release'],
  ['projects.forms.attribute', 'packages.x86_64-linux.forms'],
  ['projects.forms.url', 'https://previews.example.org'],
  ['projects.forms.health.path', '/health'],
  ['projects.forms.include', 'feature/**'],
  ['projects.forms.exclude', 'wip/**'],
  ['projects.forms.paths', 'src/**'],
  ['projects.forms.credentials.name', 'token'],
  ['projects.forms.credentials.file', '/run/secrets/token'],
  ['projects.forms.credentials.branches', 'release'],
]);

/** `nix/tests/full.json`: a configuration in which every setting the NixOS module has is set, and none as it is by default. */
export function renderFullSettings(): string {
  const { $schema: _, scope: _scope, ...properties } = configJsonSchema().properties ?? {};
  return `${JSON.stringify(valueOf({ properties }, ''), null, 2)}\n`;
}

function valueOf(schema: FieldSchema | boolean | undefined, path: string): unknown {
  if (typeof schema !== 'object') throw new Error(`${path} may be anything`);
  const below = (name: string) => (path === '' ? name : `${path}.${name}`);
  const { properties, additionalProperties, items, anyOf, enum: choices, type } = schema;
  if (properties !== undefined)
    return Object.fromEntries(Object.entries(properties).map(([name, child]) => [name, valueOf(child, below(name))]));
  if (typeof additionalProperties === 'object') return { forms: valueOf(additionalProperties, below('forms')) };
  if (anyOf !== undefined) return valueOf(anyOf.at(-1), path);
  if (choices !== undefined) return choices.find((choice) => choice !== schema.default);
  if (type === 'array' && !Array.isArray(items)) return [valueOf(items, path)];
  if (type === 'boolean') return schema.default !== true;
  if (type === 'integer' || type === 'number') return Number(schema.default ?? schema.minimum ?? 0) + 1;
  const text = texts.get(path) ?? (schema.pattern?.includes('(s|sec|min|h|d)') === true ? '90min' : undefined);
  if (text === undefined) throw new Error(`say in ${import.meta.filename} what ${path} could be`);
  return text;
}
