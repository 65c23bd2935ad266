import { configJsonSchema } from '@bough/core/config/config-json-schema.ts';
import { commandTable } from '../../../../apps/cli/src/command-table.ts';
import { renderBashCompletion, renderFishCompletion, renderZshCompletion } from './completions.ts';
import { renderCommandManual } from './command-manual.ts';
import { renderConfigManual } from './config-manual.ts';

/** Manuals and completions, by their path below a `share` folder. All come from the tables of the code. */
export function shareFiles(): Record<string, string> {
  return {
    'man/man1/bough.1': renderCommandManual(commandTable),
    'man/man5/bough.json.5': renderConfigManual(configJsonSchema()),
    'bash-completion/completions/bough': renderBashCompletion(commandTable),
    'zsh/site-functions/_bough': renderZshCompletion(commandTable),
    'fish/vendor_completions.d/bough.fish': renderFishCompletion(commandTable),
  };
}
