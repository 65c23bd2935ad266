// BASE_PATH is what visitors see before the app's own paths; requests come without it.
const { PORT = '3000', HOST = '127.0.0.1', BASE_PATH = '', BOUGH_BRANCH = 'no branch' } = process.env;
const branch = BOUGH_BRANCH.replaceAll('&', '&amp;').replaceAll('<', '&lt;'); // git allows both in a name

const server = Bun.serve({
  port: Number(PORT),
  hostname: HOST,
  fetch(request) {
    if (new URL(request.url).pathname === '/health') return new Response('ok\n');
    const page = `<!doctype html><title>Hello</title><p>This is ${branch}. <a href="${BASE_PATH}/health">Health</a>`;
    return new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8' } });
  },
});
process.on('SIGTERM', () => server.stop());
