import { AppError } from '../app-error.ts';
import type { Config, Project } from '../config/config.ts';
import type { Layout } from '../layout.ts';
import { renderPage } from './page.ts';

/**
 * The whole configuration of Caddy, written once: no branch, release or port is in it. The first segment of a request's
 * path names a branch and so a socket, which is a symlink that a switch moves. Works from Caddy 2.6.2 on.
 * @throws AppError CONFIG_INVALID when projects cannot be served on one port, or Caddy would misread `runtimeDir`
 */
export function renderCaddyfile(config: Config, layout: Layout): string {
  const projects = Object.entries(config.projects).map(([name, project]) => siteOf(name, project, config));
  assertPlain(layout.runtimeDir);
  const secure = assertOneScheme(projects, config);
  const sites = [...Map.groupBy(projects, ({ address }) => address)];
  return [
    globalOptions(secure),
    ...sites.map(([address, members]) => renderSite(address, members, config, layout)),
  ].join('\n');
}

interface Site {
  readonly name: string;
  readonly host: string;
  /** Caddy itself ends TLS: `url` is https on the very port Caddy listens on. Else a proxy in front does. */
  readonly secure: boolean;
  /** As people see it, whoever ends TLS. */
  readonly scheme: 'http' | 'https';
  readonly address: string;
}

function siteOf(name: string, { url }: Project, config: Config): Site {
  const { hostname: host, protocol, port } = new URL(url);
  const scheme = protocol === 'https:' ? 'https' : 'http';
  const listen = listenOf(config).port;
  const secure = scheme === 'https' && (port || '443') === listen;
  return { name, host, scheme, secure, address: secure ? `https://${host}:${listen}` : `http://:${listen}` };
}

function listenOf({ caddy }: Config) {
  const colon = caddy.listen.lastIndexOf(':');
  return { address: caddy.listen.slice(0, colon), port: caddy.listen.slice(colon + 1) };
}

/** Whether the port speaks TLS; it cannot do so for some of its projects alone. */
function assertOneScheme(sites: Site[], config: Config): boolean {
  const secure = sites.some((site) => site.secure);
  const { port } = listenOf(config);
  const plain = sites.filter((site) => !site.secure && (secure || port === '443'));
  if (plain.length === 0) return secure;
  const names = plain.map(({ name }) => `projects.${name}.url`).join(', ');
  throw new AppError(
    'CONFIG_INVALID',
    `caddy.listen is on port ${port}, which speaks TLS; give ${names} https and that port, or listen elsewhere.`,
  );
}

// A space would end the word in a Caddyfile, a brace begin a placeholder, a star match other folders.
function assertPlain(runtimeDir: string): void {
  if (/^[\w./@+-]+$/.test(runtimeDir)) return;
  throw new AppError(
    'CONFIG_INVALID',
    `runtimeDir is ${runtimeDir}; use only letters, digits and . _ - + @ / in it, as Caddy reads it.`,
  );
}

// No admin endpoint: what never changes needs nobody who may change it.
const globalOptions = (secure: boolean) => `{
	admin off
${secure ? '' : '	auto_https off\n'}	log {
		output stderr
		level WARN
	}
	grace_period 5s
	servers {
		timeouts {
			read_header 15s
			idle 2m
		}
	}
}
`;

function renderSite(address: string, members: Site[], config: Config, layout: Layout): string {
  const bind = listenOf(config).address;
  const projects = members.map((site) => {
    // Alone at its address, a project answers any host, so that an IP address or a forwarded port will do.
    if (members.length === 1) return renderProject(site, layout);
    return `@${site.name} host ${site.host}\nhandle @${site.name} {\n${indent(1, renderProject(site, layout) + absent)}\n}`;
  });
  return `${address} {
${bind === '' ? '' : `	bind ${bind}\n`}${indent(1, [...projects, absent].map((text) => text.trimEnd()).join('\n'))}
	handle_errors {
		@absent expression {err.status_code} == 404
		handle @absent {
${indent(3, renderPage('notFound'))}
		}
		@unanswered expression {err.status_code} in [502, 503, 504]
		handle @unanswered {
${indent(3, renderPage('noAnswer'))}
		}
		handle {
			respond "{err.status_code} {err.status_text}" {err.status_code}
		}
	}
}
`;
}

/**
 * The patterns read the raw request target: with an encoded letter, a `..` or a doubled slash in it the first segment
 * is no branch, and what comes after it is the app's own affair. So the prefix is taken off by `uri path_regexp`:
 * `uri strip_prefix` would tidy up the rest, and `rewrite` would encode it twice. A branch is known by its folder, which
 * also keeps names from being too long.
 */
function renderProject({ name, scheme, secure }: Site, { runtimeDir }: Layout): string {
  const sockets = `${runtimeDir}/${name}/{re.branch.1}`;
  const behindProxy = scheme === 'https' && !secure;
  return `@${name}-branch vars_regexp branch {http.request.uri} ^/([a-z0-9](?:-?[a-z0-9])*)(?:[/?]|$)
handle @${name}-branch {
	@${name}-known file {
		root /
		try_files ${sockets}/
	}
	handle @${name}-known {
		@${name}-bare vars_regexp bare {http.request.uri} ^/[^/?]+(\\?.*)?$
		handle @${name}-bare {
			redir * /{re.branch.1}/{re.bare.1} 308
		}
		handle {
			uri path_regexp ^/[^/]+/ /
			reverse_proxy unix/${sockets}/web.sock {
				header_up X-Forwarded-Prefix /{re.branch.1}${behindProxy ? '\n				header_up X-Forwarded-Proto https' : ''}
				# Not -1: with that Caddy 2.6 keeps the connection to an app whose client has left.
				flush_interval 1ms
				# A socket that is not there yet is waited for, so that a replacement costs time and no request.
				lb_try_duration 10s
				lb_try_interval 50ms
				transport http {
					# A pooled connection would still lead to the old release after a switch.
					keepalive off
					compression off
				}
			}
		}
	}
	${indent(1, absent).trim()}
}
`;
}

const absent = `handle {
	error 404
}
`;

function indent(depth: number, text: string): string {
  return text.trimEnd().replace(/^(?=.)/gm, '\t'.repeat(depth));
}
