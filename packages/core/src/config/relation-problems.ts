import * as z from 'zod';
import { layoutOf, longestSocketPath } from '../layout.ts';
import { Config } from './config.ts';
import { Project } from './project.ts';

const maxSocketPath = 107; // sun_path of unix(7), less its final zero byte

/** A setting or its default; `undefined` where it is wrong, which its own schema tells. */
const sound = <T extends z.ZodType>(setting: T) => setting.optional().catch(undefined);

const { scope, runtimeDir, redis, ports } = Config.shape;
const { from, to } = ports.unwrap().shape;
const Related = z.object({
  scope: sound(scope),
  runtimeDir: sound(runtimeDir),
  redis: z
    .object({ url: sound(redis.unwrap().shape.url) })
    .catch({ url: undefined })
    .prefault({}),
  ports: z
    .object({ from: sound(from), to: sound(to) })
    .catch({ from: undefined, to: undefined })
    .prefault({}),
  projects: z
    .record(
      z.string(),
      z
        .object({ url: sound(Project.shape.url), routing: sound(Project.shape.routing) })
        .catch({ url: undefined, routing: undefined }),
    )
    .catch({}),
});
type Related = z.infer<typeof Related>;

/**
 * What no single setting of a configuration can show, one text a problem. `value` is the parsed JSON and may be invalid: only what
 * is sound by itself is compared, so that these problems are reported together with those of the schema.
 */
export function relationProblems(value: unknown): string[] {
  const { data } = Related.safeParse(value);
  if (data === undefined) return []; // no object at all
  return [...portProblems(data), ...redisProblems(data), ...socketProblems(data), ...hostProblems(data)];
}

function portProblems({ ports: { from: first, to: last } }: Related): string[] {
  return first !== undefined && last !== undefined && last < first ? ['ports.to: is below ports.from'] : [];
}

function redisProblems({ scope: whose, runtimeDir: sockets, redis: { url } }: Related): string[] {
  if (whose !== 'system' || sockets === undefined || url === undefined) return [];
  const folder = url.replace(/^unix:\/\//, '').replace(/\/[^/]*$/, '');
  if (!`${folder}/`.startsWith(`${sockets}/`)) return [];
  return [`redis.url: the socket must have a folder of its own, not ${folder}, where those of the branches are`];
}

function socketProblems({ runtimeDir: sockets, projects }: Related): string[] {
  if (sockets === undefined) return [];
  const layout = layoutOf({ runtimeDir: sockets, stateDir: '', unitDir: '' }); // where sockets are follows from the first alone
  return Object.keys(projects).flatMap((project) => {
    const { length } = longestSocketPath(layout, project);
    return length > maxSocketPath
      ? [
          `projects.${project}: a socket below ${sockets} would be ${length} characters long, ${maxSocketPath} is the limit; shorten runtimeDir or the name`,
        ]
      : [];
  });
}

function hostProblems({ projects }: Related): string[] {
  const sites = Object.entries(projects).flatMap(([name, { url, routing }]) =>
    url === undefined ? [] : [{ name, routing, host: new URL(url).hostname }],
  );
  const shared = [...Map.groupBy(sites, ({ host }) => host)].flatMap(([host, members]) => {
    const urls = members.map(({ name }) => `projects.${name}.url`).join(', ');
    return members.length < 2 ? [] : [`${urls}: they share the host ${host}; projects are told apart by it`];
  });
  return [...shared, ...sites.flatMap((site) => (site.routing === 'subdomain' ? subdomainProblems(site, sites) : []))];
}

interface Site {
  readonly name: string;
  readonly host: string;
}

function subdomainProblems({ name, host }: Site, sites: readonly Site[]): string[] {
  const taken = sites.filter((other) => other.name !== name && other.host.slice(other.host.indexOf('.') + 1) === host);
  return [
    ...(/^[\d.]+$|^\[/.test(host)
      ? [`projects.${name}.routing: ${host} has no subdomains; give url a name, such as localhost`]
      : []),
    ...taken.map((other) => `projects.${other.name}.url: ${other.host} is where a branch of projects.${name} would be`),
  ];
}
