import { AppError } from '@bough/core/app-error.ts';
import { classifyGit } from '@bough/core/git/classify-git.ts';
import { type GitArgv, gitEnvironment } from '@bough/core/git/git-argv.ts';
import { redactUrls } from '@bough/core/text/redact-url.ts';
import type { CommandResult, RunCommand } from '../run-command.ts';

/** What a git command may be given. */
export interface GitOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
  readonly input?: string;
  readonly onLine?: ((line: string) => void) | undefined;
}

/** A finished git command: its result, and what it complained about. */
export interface GitResult extends CommandResult {
  readonly complaints: string[];
}

/** Runs git with our settings alone. Any exit code is a result; AppError COMMAND_FAILED only when it could not run. */
export async function runGit(run: RunCommand, argv: GitArgv, options: GitOptions = {}): Promise<GitResult> {
  const complaints: string[] = [];
  const result = await run(argv, {
    env: gitEnvironment,
    allowExitCodes: 'any',
    signal: options.signal,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    ...(options.input === undefined ? {} : { input: options.input }),
    onStderrLine(line) {
      if (line.trim() === '') return;
      complaints.push(redactUrls(line));
      options.onLine?.(redactUrls(line));
    },
  });
  return { ...result, complaints };
}

/** The failure of a git command as an AppError: class from what git said, `problem` in our words. */
export function gitError(problem: string, { complaints, exitCode }: GitResult): AppError {
  const reason = complaints.find((line) => /^(fatal|error|ERROR|ssh):/.test(line)) ?? complaints.at(-1);
  return new AppError(classifyGit(complaints), `${problem}: ${reason ?? `git ended with exit code ${exitCode}`}`, {
    log: complaints.slice(-20),
  });
}
