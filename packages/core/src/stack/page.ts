/** The pages Caddy answers with by itself. They are the same for every request: nothing of it is repeated in them. */
const pages = {
  notFound: {
    status: 404,
    title: 'Nothing is here',
    text: 'A branch is at /its-name/ as soon as it was pushed and built.',
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
  const html =
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
    `<title>${title}</title><body style="font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:20vh auto;padding:0 1rem">` +
    `<h1 style="font-size:1.4rem">${title}</h1><p>${text}</p></body></html>`;
  const lines = ['header Content-Type "text/html; charset=utf-8"', 'header Cache-Control no-store'];
  return [...lines, ...headers.map((header) => `header ${header}`), `respond \`${html}\` ${status}`].join('\n');
}
