import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import { authorise } from './authorise.ts';

test('a route that does not say which scope it needs is not added', () => {
  const app = Fastify();
  authorise(app, {
    projects: {},
    tokens: { find: () => assert.fail('nobody asked') },
    guard: { exhausted: () => false, recognised: () => undefined, refused: () => undefined },
    ledger: { refused: () => undefined },
  });

  assert.throws(() => app.get('/api/new', () => ''), /GET \/api\/new does not say which scope it needs/);
  app.get('/api/said', { config: { scope: 'read' } }, () => '');
  assert.ok(app.hasRoute({ method: 'GET', url: '/api/said' }));
});
