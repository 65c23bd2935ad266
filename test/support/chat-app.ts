/**
 * The source of an app that keeps connections open: it answers each message of a WebSocket with its process id and the
 * message, and `/stream` with a line every 20 ms without end. Messages are short texts, a frame each.
 */
export const chatServer = `import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  if (!request.url.startsWith('/stream')) return response.end('chat');
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const timer = setInterval(() => response.write('line of ' + process.pid + '\\n'), 20);
  response.on('close', () => clearInterval(timer));
});

server.on('upgrade', (request, socket) => {
  const key = request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'; // RFC 6455
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n');
  socket.write('Sec-WebSocket-Accept: ' + createHash('sha1').update(key).digest('base64') + '\\r\\n\\r\\n');
  socket.on('error', () => {});
  socket.on('data', (frame) => {
    if ((frame[0] & 15) === 8) return socket.end();
    const mask = frame.subarray(2, 6);
    const text = frame.subarray(6, 6 + (frame[1] & 127)).map((byte, index) => byte ^ mask[index % 4]);
    const answer = Buffer.from(process.pid + ' heard ' + Buffer.from(text));
    socket.write(Buffer.concat([Buffer.from([0x81, answer.length]), answer]));
  });
});

server.listen(Number(process.env.PORT), '127.0.0.1');
`;
