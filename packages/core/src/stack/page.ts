import { type ErrorCode, errorTable } from '../error-table.ts';

/** Why a branch does not answer. `code` is the class of a failure. */
export type BranchStatus =
  | { readonly state: 'starting' }
  | { readonly state: 'sleeping' }
  | { readonly state: 'failed'; readonly code?: ErrorCode }
  | { readonly state: 'cancelled' }
  | { readonly state: 'blocked' }
  | { readonly state: 'suspended' }
  | { readonly state: 'expired' };

/** The pages Caddy answers with by itself. They are the same for every request: nothing of it is repeated in them. */
const pages = {
  notFound: {
    status: 404,
    title: 'Nothing is here',
    text: 'A branch has an address as soon as it was pushed and built.',
    headers: [],
  },
  noAnswer: {
    status: 503,
    title: 'This branch does not answer',
    text: 'It may be starting, or it may have failed. This page tries again in a few seconds.',
    headers: ['Retry-After 5', 'Refresh 5'],
  },
} as const;

/** Caddyfile directives that answer with one of Bough's own pages. Written without braces, which Caddy would read. */
export function renderPage(name: keyof typeof pages): string {
  const { status, title, text, headers } = pages[name];
  const lines = ['header Content-Type "text/html; charset=utf-8"', 'header Cache-Control no-store'];
  return [...lines, ...headers.map((header) => `header ${header}`), `respond \`${html(title, text)}\` ${status}`].join(
    '\n',
  );
}

/**
 * The page of a branch that is known and does not answer, as whole HTML. It is the same for everybody and holds nothing
 * private: no path, no log, no name. Of a failure it tells what its code means.
 */
export function renderStatusPage(status: BranchStatus): string {
  const { title, text } = wordsOf(status);
  const again = status.state === 'starting' || status.state === 'sleeping';
  return again
    ? html(title, `${text} This page tries again in a few seconds.`, '<meta http-equiv="refresh" content="5">')
    : html(title, text);
}

function wordsOf(status: BranchStatus): { title: string; text: string } {
  switch (status.state) {
    case 'starting':
      return { title: 'This branch is starting', text: 'Its newest release is being started and checked.' };
    case 'sleeping':
      return { title: 'This branch could not be woken', text: 'It slept, and its process did not come up.' };
    case 'failed': {
      const meaning = status.code === undefined ? '' : ` ${errorTable[status.code].meaning}`;
      return {
        title: 'This branch failed',
        text: `No release of it is fit to serve.${meaning} The next push may mend it.`,
      };
    }
    case 'cancelled':
      return {
        title: 'This branch is not built',
        text: 'Somebody cancelled its first build. The next push, or bough deploy, builds it.',
      };
    case 'blocked':
      return {
        title: 'This branch is not started',
        text: 'Somebody keeps it from being started on its host. Until they let it, it stays down.',
      };
    case 'suspended':
      return { title: 'This branch is suspended', text: 'Somebody switched it off until they resume it.' };
    case 'expired':
      return {
        title: 'This branch has expired',
        text: 'It was not used for too long, or somebody took it down. A push to it, or bough resume, brings it back.',
      };
  }
}

function html(title: string, text: string, head = ''): string {
  return (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
    `${head}<title>${title}</title><body style="font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:20vh auto;padding:0 1rem">` +
    `<h1 style="font-size:1.4rem">${title}</h1><p>${escape(text)}</p></body></html>`
  );
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
