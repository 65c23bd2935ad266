import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configJsonSchema } from '@bough/core/config/config-json-schema.ts';
import { parseConfig } from '@bough/core/config/parse-config.ts';
import { fieldsOf } from '../../script/docs/fields-of.ts';
import { renderFullSettings } from '../../script/docs/render-full-settings.ts';

const text = renderFullSettings();

test('the full configuration that the NixOS module is evaluated with is a good one', () => {
  assert.deepEqual(Object.keys(parseConfig(text, 'the full configuration').projects), ['forms']);
});

test('it sets every setting the module has, to something else than the default', () => {
  for (const { path, default: usual } of fieldsOf(configJsonSchema())) {
    if (path === '$schema' || path === 'scope') continue;
    const names = path.replace('<name>', 'forms').split('.');
    const value = names.reduce<unknown>((at, name) => Reflect.get(Object(at), name), JSON.parse(text));
    assert.notEqual(value, undefined, path);
    assert.notEqual(`\`${JSON.stringify(value)}\``, usual, path);
  }
});
