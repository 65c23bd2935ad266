import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { configJsonSchema } from '@bough/core/config/config-json-schema.ts';
import { manifestJsonSchema } from '@bough/core/manifest/manifest-json-schema.ts';
import { renderAppContract } from './render-app-contract.ts';
import { renderCommands } from './render-commands.ts';
import { renderConfiguration } from './render-configuration.ts';
import { renderFullSettings } from './render-full-settings.ts';
import { renderNixOptions } from './render-nix-options.ts';
import { renderNpmPackages } from './render-npm-packages.ts';
import { renderErrors } from './render-errors.ts';

const root = new URL('../../docs/', import.meta.url);
const marks = /(<!-- generated: script\/docs\/write\.ts -->\n)[\s\S]*?(<!-- end -->)/;

/** Every file of `docs/` and `nix/` that is written from the code, with the text it should have. */
export async function generatedPages(): Promise<Map<URL, string>> {
  const page = async (name: string, table: string): Promise<[URL, string]> => {
    const url = new URL(name, root);
    const text = await readFile(url, 'utf8');
    if (!marks.test(text)) throw new Error(`docs/${name} has lost the marks around its generated part`);
    return [url, text.replace(marks, (_, start: string, end: string) => `${start}\n${table}\n\n${end}`)];
  };
  return new Map([
    await page('errors.md', renderErrors()),
    await page('configuration.md', renderConfiguration()),
    await page('app-contract.md', renderAppContract()),
    [new URL('commands.md', root), renderCommands()],
    [new URL('config.schema.json', root), `${JSON.stringify(configJsonSchema(), null, 2)}\n`],
    [new URL('../nix/options.nix', root), renderNixOptions()],
    [new URL('../nix/tests/full.json', root), renderFullSettings()],
    [new URL('../nix/npm-packages.json', root), await renderNpmPackages(fileURLToPath(new URL('..', root)))],
    [new URL('manifest.schema.json', root), `${JSON.stringify(manifestJsonSchema(), null, 2)}\n`],
  ]);
}
