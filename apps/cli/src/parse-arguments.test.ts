import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from './command.ts';
import { commandTable } from './command-table.ts';
import { exitCodeOf } from './exit-code.ts';
import { renderCommandHelp, renderHelp } from './help.ts';
import { commonOptions, parseArguments } from './parse-arguments.ts';
import { UsageError } from './usage-error.ts';

const parse = (...words: string[]) => parseArguments(words, commandTable);

test('a command, its arguments and its options are read in any order', () => {
  const parsed = parse('rollback', '--json', 'demo', '--why', 'it is slow', 'feature/x', '3');

  assert.ok(parsed.kind === 'run');
  assert.equal(parsed.command.name, 'rollback');
  assert.deepEqual(parsed.input.args, ['demo', 'feature/x', '3']);
  assert.equal(parsed.input.has('json'), true);
  assert.equal(parsed.input.has('verbose'), false);
  assert.equal(parsed.input.text('why'), 'it is slow');
  assert.equal(parsed.input.text('config'), undefined);
});

test('help is given for all of it and for one command, however it is asked for', () => {
  for (const words of [[], ['--help'], ['-h'], ['help']])
    assert.deepEqual(parse(...words), { kind: 'help', command: null });
  for (const words of [
    ['pin', '--help'],
    ['pin', '-h'],
    ['help', 'pin'],
  ]) {
    const parsed = parse(...words);
    assert.ok(parsed.kind === 'help');
    assert.equal(parsed.command?.name, 'pin');
  }
});

test('what is wrongly written is told with what is right', () => {
  assert.throws(() => parse('rolback'), { name: 'UsageError', message: /no command rolback; there are status, / });
  assert.throws(() => parse('rollback', 'demo'), { message: 'usage: bough rollback PROJECT BRANCH [RELEASE]' });
  assert.throws(() => parse('pin', 'demo', 'main', '--now'), { message: /'--now'.*; see bough pin --help/ });
  assert.throws(() => parse('pin', 'demo', 'main', '--why'), UsageError);
  assert.equal(exitCodeOf(new UsageError('x')), 64);
});

test('every command has a help of its own, and no line of any help is wider than 140', () => {
  const texts = [renderHelp(commandTable), ...commandTable.map((command: Command) => renderCommandHelp(command))];

  for (const line of texts.flatMap((text) => text.split('\n'))) assert.ok(line.length <= 140, line);
  for (const { name, options } of commandTable) {
    assert.ok(renderHelp(commandTable).includes(`  bough ${name}`));
    assert.deepEqual(
      Object.keys(options).filter((option) => option in commonOptions),
      [],
    );
  }
});
