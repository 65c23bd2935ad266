const { createServer } = require('node:http');

// BASE_PATH is what visitors see before the app's own paths; requests come without it.
const { PORT = '3000', HOST = '127.0.0.1', BASE_PATH = '', BOUGH_BRANCH = 'no branch' } = process.env;
const branch = BOUGH_BRANCH.replaceAll('&', '&amp;').replaceAll('<', '&lt;'); // git allows both in a name

const server = createServer((request, response) => {
  if (request.url === '/health') return response.end('ok\n');
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(`<!doctype html><title>Hello</title><p>This is ${branch}. <a href="${BASE_PATH}/health">Health</a>`);
});
server.listen(Number(PORT), HOST);
process.on('SIGTERM', () => server.close());
