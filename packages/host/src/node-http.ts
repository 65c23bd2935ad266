/**
 * What is used of `node:http`, as CommonJS has it. Imported as an ES module it loads what each of its exports stands for, with
 * `WebSocket` all of undici and `node:http2`. Without them what asks the worker took 129 ms of processor time to load, not 214.
 */
export const { createServer, request, ServerResponse, STATUS_CODES } = process.getBuiltinModule('node:http');
