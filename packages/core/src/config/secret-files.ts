import * as z from 'zod';

/** One setting that names a secret file. */
export interface SecretFile {
  /** The setting, as `board.passwordFile`. */
  readonly setting: string;
  readonly path: string;
  /** Whose webhook secret it is, where that is set. */
  readonly forge?: string;
}

const path = z.string().startsWith('/').optional().catch(undefined);
const holder = z.looseObject({ passwordFile: path }).catch({ passwordFile: undefined });
const Loose = z
  .looseObject({
    redis: holder,
    board: holder,
    projects: z
      .record(
        z.string(),
        z
          .looseObject({ webhookSecretFiles: z.array(path).catch([]), forge: z.string().optional().catch(undefined) })
          .catch({ webhookSecretFiles: [], forge: undefined }),
      )
      .catch({}),
  })
  .catch({ redis: {}, board: {}, projects: {} });

/**
 * The secret files a configuration names, as far as that can be told: `value` is the parsed JSON and may be invalid
 * elsewhere, so that unreadable secrets are reported together with the configuration's own problems.
 */
export function secretFilesOf(value: unknown): SecretFile[] {
  const { redis, board, projects } = Loose.parse(value);
  const named = [
    { setting: 'redis.passwordFile', path: redis.passwordFile },
    { setting: 'board.passwordFile', path: board.passwordFile },
    ...Object.entries(projects).flatMap(([project, { webhookSecretFiles, forge }]) =>
      webhookSecretFiles.map((file, index) => ({
        setting: `projects.${project}.webhookSecretFiles.${index}`,
        path: file,
        ...(forge === undefined ? {} : { forge }),
      })),
    ),
  ];
  return named.flatMap(({ path: file, ...each }) => (file === undefined ? [] : [{ ...each, path: file }]));
}
