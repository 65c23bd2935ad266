// Prints the flags of Node the receiver runs with, as in its unit. For nix/package.nix.
import { receiverFlags } from '@bough/core/stack/units/receiver-unit.ts';

process.stdout.write(`${receiverFlags.join(' ')}\n`);
