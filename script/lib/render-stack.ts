// node render-stack.ts HOST CONFIG OUT: writes what Bough's own services need into OUT, for nix/module.nix: units as
// lib/systemd/system, the rest as etc/bough. HOST is a JSON file of a StackHost, CONFIG the configuration. Starts nothing, and
// fails with every problem of the configuration.
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
  const files = {
    'etc/bough/bough.json': text,
    'etc/bough/Caddyfile': renderCaddyfile(config, layoutOf(config), slugOf),
    ...(socket === null ? {} : { 'etc/bough/redis.conf': renderRedisConf(socket, redisData(host)) }),
    'lib/tmpfiles.d/bough.conf': renderTmpfiles(config),
    ...Object.fromEntries(
      [...renderStackUnits(config, host)].map(([name, unit]) => [`lib/systemd/system/${name}`, unit]),
    ),
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(out, path)), { recursive: true });
    writeFileSync(join(out, path), content);
  }
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
}
