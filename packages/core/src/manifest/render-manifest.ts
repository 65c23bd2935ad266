import type { Manifest, Service } from '../state/manifest.ts';
import { plainText } from '../text/plain-text.ts';
import { renderSpan } from './render-span.ts';

/**
 * A text for people of what a branch will run: its services, each with its fields, `web` first. Of the environment it
 * shows the names alone. The text ends with a line break and holds no control characters, whatever the manifest does.
 */
export function renderManifest({ strategy, services }: Manifest): string {
  const ordered = Object.entries(services).toSorted(([a], [b]) => rankOf(a).localeCompare(rankOf(b)));
  return [
    `A new release ${strategy === 'parallel' ? 'starts beside the old one' : 'starts when the old one has stopped'} (strategy ${strategy}).\n`,
    ...ordered.map(([name, service]) => renderService(name, service)),
  ].join('\n');
}

const rankOf = (name: string): string => (name === 'web' ? '' : name);

function renderService(name: string, service: Service): string {
  const lines = Object.entries(rowsOf(service)).flatMap(([label, value]) =>
    value === undefined ? [] : [`  ${label.padEnd(13)} ${plainText(value)}\n`],
  );
  return `${name}: ${dutyOf(service)}\n${lines.join('')}`;
}

function dutyOf({ listen, schedule }: Service): string {
  if (schedule !== undefined) return `runs at times: ${plainText(schedule)}`;
  return {
    port: 'takes requests on $PORT',
    socket: 'takes requests on a passed socket (LISTEN_FDS)',
    none: 'works in the background',
  }[listen];
}

/** The rows of a service. Those that do not apply to it are undefined. */
function rowsOf(service: Service): Record<string, string | undefined> {
  const { exec, environment, health, listen, preStart, preStartTimeout, serviceConfig, sleepAfter } = service;
  const limits = Object.entries(serviceConfig).map(([directive, value]) => `${directive}=${value}`);
  return {
    command: renderArgv(exec),
    'before start': preStart && `${renderArgv(preStart)} (at most ${renderSpan(preStartTimeout)})`,
    health: listen === 'none' ? undefined : renderHealth(health),
    environment: listed(Object.keys(environment)),
    sleep: sleepAfter === undefined ? undefined : renderSleep(sleepAfter),
    limits: listed(limits),
  };
}

function renderHealth({ path, status, timeoutSec, intervalSec }: Service['health']): string {
  const good = status === undefined ? '200 to 399' : status.join(' or ');
  return `GET ${path} answers ${good} within ${renderSpan(timeoutSec)}, asked every ${renderSpan(intervalSec)}`;
}

function renderSleep(after: NonNullable<Service['sleepAfter']>): string {
  return after === 'never' ? 'never' : `after ${renderSpan(after)} without a connection`;
}

/** As a shell would take it, so that a person can try it. */
function renderArgv(argv: readonly string[]): string {
  return argv.map((word) => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}

function listed(words: readonly string[]): string | undefined {
  return words.length === 0 ? undefined : words.toSorted().join(', ');
}
