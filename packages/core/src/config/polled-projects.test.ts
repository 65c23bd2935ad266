import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from './parse-config.ts';
import { polledProjects } from './polled-projects.ts';

test('a project that names no secret for a webhook is valid, and lives by the sweep', () => {
  const config = parseConfig(
    JSON.stringify({
      board: { passwordFile: '/p' },
      projects: {
        hooked: { remote: '/r', url: 'http://a.localhost', webhookSecretFiles: ['/s'] },
        polled: { remote: '/r', url: 'http://b.localhost' },
      },
    }),
    'a test',
  );

  assert.deepEqual(polledProjects(config), ['polled']);
});
