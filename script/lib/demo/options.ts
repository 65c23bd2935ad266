import { parseArgs } from 'node:util';

/** What was asked for on the command line. */
export interface Options {
  /** Check that both branches are live, take everything down, and end. */
  readonly once: boolean;
  readonly port: number | null;
}

const usage = `usage: script/demo [--once] [--port PORT]
  Starts Bough with a sample repository, prints READY and where everything is, and stays until Ctrl-C.
  --once        check that both branches are live, take everything down, exit 0
  --port PORT   where the branches are served; 8080 or any free port unless told
`;

/** The command line, or the text to answer it with. */
export function parseOptions(argv: readonly string[]): Options | { readonly usage: string; readonly status: number } {
  try {
    const options = {
      once: { type: 'boolean', default: false },
      port: { type: 'string' },
      help: { type: 'boolean', default: false },
    } as const;
    const { values } = parseArgs({ args: [...argv], options });
    if (values.help) return { usage, status: 0 };
    const port = values.port === undefined ? null : Number(values.port);
    if (port !== null && !(Number.isInteger(port) && port > 0 && port < 65_536))
      return { usage: `'${values.port}' is no port\n${usage}`, status: 64 };
    return { once: values.once, port };
  } catch (error) {
    return { usage: `${error instanceof Error ? error.message : ''}\n${usage}`, status: 64 };
  }
}
