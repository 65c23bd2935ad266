import { plainText } from '../text/plain-text.ts';
import { drvName } from './drv-name.ts';
import { infoLevel, type NixRecord, result } from './parse-record.ts';
import type { NixState } from './progress.ts';

// Said by the daemon to every user it does not trust, over and over; nothing anybody could act on.
const noise = /^warning: (ignoring the (client-specified|untrusted) |you don't have Internet access)/;

/**
 * The lines a person should see of a record: what builders print, each line behind its derivation's name, and messages
 * of Nix. `state` is the state after the record, which knows the names.
 */
export function logLines(record: NixRecord, state: NixState): string[] {
  switch (record.action) {
    case 'text':
      return record.text.trim() === '' ? [] : [record.text];
    case 'msg':
      return record.level > infoLevel ? [] : plainLines(record.msg).filter((line) => !noise.test(line));
    case 'start':
      return record.level > infoLevel ? [] : plainLines(record.text);
    case 'result': {
      if (record.type !== result.buildLogLine && record.type !== result.postBuildLogLine) return [];
      const name = drvName(state.running.get(record.id)?.drv ?? '');
      return [`${name === '' ? '' : `${name}> `}${plainText(String(record.fields[0] ?? ''))}`];
    }
    case 'stop':
      return [];
  }
}

/** A text of Nix, line by line, without colours, control characters and empty lines. */
export function plainLines(text: string): string[] {
  return text
    .split('\n')
    .map(plainText)
    .filter((line) => line.trim() !== '');
}
