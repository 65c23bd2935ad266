// Takes requests on PORT, which Bough gives it, and tells what it is by what Bough put into its environment.
import { createServer } from 'node:http';
import { greeting } from './greeting.js';
import { page } from './page.js';

const { PORT, HOST = '127.0.0.1', BASE_PATH = '', BOUGH_BRANCH, BOUGH_COMMIT, BOUGH_RELEASE } = process.env;
const about = {
  greeting,
  branch: BOUGH_BRANCH,
  commit: BOUGH_COMMIT,
  release: BOUGH_RELEASE,
  program: process.argv[1],
};

const server = createServer((request, response) => {
  const path = new URL(request.url, 'http://app').pathname;
  if (path === '/health') return answer(response, 200, 'application/json', JSON.stringify(about));
  if (path === '/') return answer(response, 200, 'text/html; charset=utf-8', page(about, BASE_PATH));
  return answer(response, 404, 'text/plain', 'Nothing is here.\n');
});

function answer(response, status, type, body) {
  response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' }).end(body);
}

server.listen(PORT, HOST, () => console.log(`listening on ${HOST}:${PORT}`));
// Requests that have begun are finished before the process ends.
process.once('SIGTERM', () => server.close());
