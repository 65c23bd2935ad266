import { AppError } from '../app-error.ts';
import type { Config } from '../config/config.ts';
import type { Layout } from '../layout.ts';
import { absent, branchFolder, indent, renderRoutes } from './caddy-routes.ts';
import { type CaddySite, caddySites, listenOf } from './caddy-site.ts';
import { renderPage } from './page.ts';

/**
 * The whole configuration of Caddy, written once: no branch, release or port is in it. The first segment of a request's
 * path, or the first label of its host, names a branch and so a socket, which is a symlink that a switch moves. Works from
 * Caddy 2.6.2 on.
 * @throws AppError CONFIG_INVALID when projects cannot be served on one port, or Caddy would misread a path
 */
export function renderCaddyfile(config: Config, layout: Layout, slugOf: (branch: string) => string): string {
  assertPlain('runtimeDir', layout.runtimeDir);
  if (config.caddy.tls !== undefined) assertPlain('caddy.tls', config.caddy.tls);
  const sites = caddySites(config, slugOf);
  const blocks = [...Map.groupBy(sites, ({ address }) => address)];
  return [
    globalOptions(
      config,
      sites.some(({ secure }) => secure),
    ),
    ...blocks.map(([address, members]) => renderBlock(address, members, config, layout)),
  ].join('\n');
}

// A space would end the word in a Caddyfile, a brace begin a placeholder, a star match other folders.
function assertPlain(setting: string, path: string): void {
  if (/^[\w./@+-]+$/.test(path)) return;
  throw new AppError(
    'CONFIG_INVALID',
    `${setting} is ${path}; use only letters, digits and . _ - + @ / in it, as Caddy reads it.`,
  );
}

// No admin endpoint: what never changes needs nobody who may change it.
const globalOptions = ({ caddy }: Config, secure: boolean) => `{
	admin off
${secure ? '' : '	auto_https off\n'}${secure && caddy.tls === 'internal' ? '	skip_install_trust\n' : ''}	log {
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

function renderBlock(address: string, members: CaddySite[], config: Config, layout: Layout): string {
  const { tls } = config.caddy;
  const bind = listenOf(config).address;
  const secure = members.some((site) => site.secure);
  const projects = members.map((site) => {
    // Alone at its address, a project by path answers any host, so that an IP address or a forwarded port will do.
    if (members.length === 1) return renderRoutes(site, layout);
    const hosts = site.routing === 'subdomain' ? `${site.host} *.${site.host}` : site.host;
    return `@${site.name} host ${hosts}\nhandle @${site.name} {\n${indent(1, renderRoutes(site, layout))}\n}\n`;
  });
  return `${address} {
${bind === '' ? '' : `	bind ${bind}\n`}${secure && tls !== undefined ? `	${tls === 'internal' ? 'tls internal' : `import ${tls}`}\n` : ''}${indent(1, projects.join('') + (members.length === 1 ? '' : absent))}
${indent(1, ownAnswers)}
}
`;
}

/** What Caddy answers where no branch does. */
const ownAnswers = `handle_errors {
	@absent expression {err.status_code} == 404
	handle @absent {
${indent(2, renderPage('notFound'))}
	}
	@unanswered expression {err.status_code} in [502, 503, 504]
	handle @unanswered {
		@told file {
			root ${branchFolder}
			try_files status.html
		}
		handle @told {
			# It is the page as a whole that is wanted, whatever was asked for.
			request_header -If-Match
			request_header -If-Modified-Since
			request_header -If-None-Match
			request_header -If-Range
			request_header -If-Unmodified-Since
			request_header -Range
			rewrite * /status.html
			header Cache-Control no-store
			header Retry-After 5
			file_server {
				root ${branchFolder}
				status 503
			}
		}
		handle {
${indent(3, renderPage('noAnswer'))}
		}
	}
	handle {
		respond "{err.status_code} {err.status_text}" {err.status_code}
	}
}
`;
