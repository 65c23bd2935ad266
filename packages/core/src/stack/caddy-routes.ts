import type { Layout } from '../layout.ts';
import type { CaddySite } from './caddy-site.ts';

/** Holds the folder of the branch a request is for, once that is known. */
export const branchFolder = '{http.vars.branch_folder}';

/** Directives for a request that is for nothing. */
export const absent = 'handle {\n	error 404\n}\n';

/** Directives that lead the requests of one project to its branches. */
export function renderRoutes(site: CaddySite, { runtimeDir }: Layout): string {
  const folder = `${runtimeDir}/${site.name}`;
  const branch = { site, matcher: `@${site.name}-`, folder: `${folder}/{re.branch.1}` };
  const root =
    site.atRoot === null ? null : { site, matcher: `@${site.name}--root`, folder: `${folder}/${site.atRoot}` };
  return site.routing === 'path' ? byPath(branch, root) : bySubdomain(branch, root);
}

/** Where requests go: whichever branch the pattern found, or the production branch at the root. */
interface Target {
  readonly site: CaddySite;
  /** What the names of its matchers start with: no project's name has two dashes, so no other matcher has the name. */
  readonly matcher: string;
  readonly folder: string;
}

const slug = '([a-z0-9](?:-?[a-z0-9])*)';

/**
 * The patterns read the raw request target: with an encoded letter, a `..` or a doubled slash in it the first segment
 * is no branch, and what comes after it is the app's own affair. So the prefix is taken off by `uri path_regexp`:
 * `uri strip_prefix` would tidy up the rest, and `rewrite` would encode it twice. A branch is known by its folder, which
 * also keeps names from being too long. What is no branch's is the production branch's, where that is at the root.
 */
function byPath(branch: Target, root: Target | null): string {
  const { matcher } = branch;
  const otherwise = root === null ? absent : handle(root, passOn(root, null)) + absent;
  return `${root === null ? '' : matchers(root)}${matcher}-branch vars_regexp branch {http.request.uri} ^/${slug}(?:[/?]|$)
handle ${matcher}-branch {
${indent(1, matchers(branch))}
	handle ${matcher}-known {
		${matcher}-bare vars_regexp bare {http.request.uri} ^/[^/?]+(\\?.*)?$
		handle ${matcher}-bare {
			redir * /{re.branch.1}/{re.bare.1} 308
		}
		handle {
			uri path_regexp ^/[^/]+/ /
${indent(3, passOn(branch, '/{re.branch.1}'))}
		}
	}
${indent(1, otherwise)}
}
${otherwise}`;
}

/** The pattern reads the host as it was sent, without its port, and knows no capitals. Paths are not looked at. */
function bySubdomain(branch: Target, root: Target | null): string {
  const { site, matcher } = branch;
  const only = (target: Target) => indent(1, matchers(target) + handle(target, passOn(target, null)) + absent);
  const bare = root === null ? '' : `${root.matcher} host ${site.host}\nhandle ${root.matcher} {\n${only(root)}\n}\n`;
  return `${matcher}-branch vars_regexp branch {http.request.host} ^${slug}\\.${site.host.replaceAll('.', '\\.')}$
handle ${matcher}-branch {
${only(branch)}
}
${bare}${absent}`;
}

/** `known`: the branch has a folder. `told`: it has no socket, and a page that says why. */
function matchers({ matcher, folder }: Target): string {
  return `${matcher}-known file {
	root /
	try_files ${folder}/
}
${matcher}-told {
	file {
		root /
		try_files ${folder}/status.html
	}
	not file {
		root /
		try_files ${folder}/web.sock
	}
}
`;
}

function handle({ matcher }: Target, directives: string): string {
  return `handle ${matcher}-known {\n${indent(1, directives)}\n}\n`;
}

/** Passes a request on to a known branch; one that can only wait in vain is told so at once. */
function passOn({ site, matcher, folder }: Target, prefix: string | null): string {
  const behindProxy = site.scheme === 'https' && !site.secure;
  return `vars branch_folder ${folder}
error ${matcher}-told 503
reverse_proxy unix/${folder}/web.sock {
	header_up ${prefix === null ? '-X-Forwarded-Prefix' : `X-Forwarded-Prefix ${prefix}`}${behindProxy ? '\n	header_up X-Forwarded-Proto https' : ''}
	# Not -1: with that Caddy 2.6 keeps the connection to an app whose client has left.
	flush_interval 1ms
	# A socket that is not there yet is waited for, so that a replacement costs time and no request.
	lb_try_duration 10s
	lb_try_interval 50ms
	# A broken connection too is tried again, unless it is known that the branch has trouble.
	lb_retry_match {
		method GET
		not file {
			root /
			try_files ${folder}/status.html
		}
	}
	transport http {
		# A pooled connection would still lead to the old release after a switch.
		keepalive off
		compression off
	}
}
`;
}

/** Text moved to the right by tabs. */
export function indent(depth: number, text: string): string {
  return text.trimEnd().replace(/^(?=.)/gm, '\t'.repeat(depth));
}
