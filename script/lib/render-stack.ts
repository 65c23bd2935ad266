// node render-stack.ts HOST CONFIG OUT: writes what Bough's own services need into OUT, for nix/module.nix: units as
// lib/systemd/system, the rest as etc/bough. HOST is a JSON file of a StackHost, CONFIG the configuration. Starts nothing, and
// fails with every problem of the configuration.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describeError } from '@bough/core/app-error.ts';
import { parseConfig } from '@bough/core/config/parse-config.ts';
import { layoutOf } from '@bough/core/layout.ts';
import { renderCaddyfile } from '@bough/core/stack/caddyfile.ts';
import { ownRedisSocket, renderRedisConf } from '@bough/core/stack/redis-conf.ts';
import { redisData, renderTmpfiles, type StackHost } from '@bough/core/stack/stack-host.ts';
import { renderStackUnits } from '@bough/core/stack/stack-units.ts';
import { slugOf } from '@bough/host/slug.ts';

const [hostFile = '', configFile = '', out = ''] = process.argv.slice(2);
try {
  const host: StackHost = JSON.parse(readFileSync(hostFile, 'utf8'));
  const text = readFileSync(configFile, 'utf8');
  const config = parseConfig(text, 'services.bough.settings');
  const socket = ownRedisSocket(config);
  const caddyfile = renderCaddyfile(config, layoutOf(config), slugOf);
  const redisConf = socket === null ? null : renderRedisConf(socket, redisData(host));
  const files = {
    'etc/bough/bough.json': text,
    'etc/bough/Caddyfile': caddyfile,
    ...(redisConf === null ? {} : { 'etc/bough/redis.conf': redisConf }),
    'lib/tmpfiles.d/bough.conf': renderTmpfiles(config),
    ...units({
      ...Object.fromEntries(renderStackUnits(config, host)),
      ...(redisConf === null ? {} : restartsWith('bough-redis', redisConf)),
      ...restartsWith('bough-caddy', caddyfile),
      ...restartsWith('bough-receiver', text),
      ...restartsWith('bough-worker', text),
    }),
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(out, path)), { recursive: true });
    writeFileSync(join(out, path), content);
  }
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
}

function units(texts: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([name, unit]) => [`lib/systemd/system/${name}`, unit]));
}

/**
 * A unit names its file by a path that stays, so that `switch-to-configuration` of NixOS, which compares units, would not
 * see a change of it. By content: a store path is another one whenever anything is that went into it, such as this program.
 */
function restartsWith(service: string, content: string): Record<string, string> {
  const hash = createHash('sha256').update(content).digest('hex');
  return { [`${service}.service.d/content.conf`]: `[Unit]\nX-Restart-Triggers=${hash}\n` };
}
