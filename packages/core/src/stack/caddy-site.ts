import { AppError } from '../app-error.ts';
import type { Config } from '../config/config.ts';
import type { Project } from '../config/project.ts';

/** What Caddy must know of a project. */
export interface CaddySite {
  readonly name: string;
  readonly host: string;
  readonly routing: Project['routing'];
  /** The slug of the production branch, where that answers at the root too. */
  readonly atRoot: string | null;
  /** Caddy itself ends TLS: `url` is https on the very port Caddy listens on. Else a proxy in front does. */
  readonly secure: boolean;
  /** As people see it, whoever ends TLS. */
  readonly scheme: 'http' | 'https';
  /** The site addresses of the Caddyfile; projects of the same ones share a block. */
  readonly address: string;
}

/**
 * The projects as Caddy sees them.
 * @throws AppError CONFIG_INVALID when they cannot be served on one port
 */
export function caddySites(config: Config, slugOf: (branch: string) => string): CaddySite[] {
  const sites = Object.entries(config.projects).map(([name, project]) => siteOf(name, project, config, slugOf));
  assertOneScheme(sites, config);
  assertWildcards(sites, config);
  return sites;
}

/** `caddy.listen` in its parts. */
export function listenOf({ caddy }: Config): { address: string; port: string } {
  const colon = caddy.listen.lastIndexOf(':');
  return { address: caddy.listen.slice(0, colon), port: caddy.listen.slice(colon + 1) };
}

function siteOf(name: string, project: Project, config: Config, slugOf: (branch: string) => string): CaddySite {
  const { hostname: host, protocol, port } = new URL(project.url);
  const { routing } = project;
  const scheme = protocol === 'https:' ? 'https' : 'http';
  const listen = listenOf(config).port;
  const secure = scheme === 'https' && (port || '443') === listen;
  const hosts = routing === 'subdomain' ? [host, `*.${host}`] : [host];
  const address = secure ? hosts.map((one) => `https://${one}:${listen}`).join(', ') : `http://:${listen}`;
  const atRoot = project.productionAtRoot ? slugOf(project.production) : null;
  return { name, host, routing, atRoot, scheme, secure, address };
}

/** The port speaks TLS or does not; it cannot do so for some of its projects alone. */
function assertOneScheme(sites: CaddySite[], config: Config): void {
  const secure = sites.some((site) => site.secure);
  const { port } = listenOf(config);
  const plain = sites.filter((site) => !site.secure && (secure || port === '443'));
  if (plain.length === 0) return;
  throw new AppError(
    'CONFIG_INVALID',
    `caddy.listen is on port ${port}, which speaks TLS; give ${urlsOf(plain)} https and that port, or listen elsewhere.`,
  );
}

// Let's Encrypt and its like give a certificate for *.host only to who can change the DNS, which Caddy cannot by itself.
function assertWildcards(sites: CaddySite[], { caddy }: Config): void {
  const wild = sites.filter(({ secure, routing }) => secure && routing === 'subdomain');
  if (wild.length === 0 || caddy.tls !== undefined) return;
  throw new AppError(
    'CONFIG_INVALID',
    `the branches of ${urlsOf(wild)} need a certificate for all subdomains; say with caddy.tls where Caddy gets it.`,
  );
}

function urlsOf(sites: CaddySite[]): string {
  return sites.map(({ name }) => `projects.${name}.url`).join(', ');
}
