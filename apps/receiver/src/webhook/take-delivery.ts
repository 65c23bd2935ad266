import type { Config } from '@bough/core/config/config.ts';
import { parseGithubEvent } from '@bough/core/forge/github.ts';
import { routeEvent } from '@bough/core/forge/route.ts';
import type { Producer } from '@bough/host/queue/producer.ts';
import { accepted, type Answer, ignored, rejected } from './answer.ts';

/** A delivery whose signature was right. */
export interface Delivery {
  readonly project: string;
  /** `X-GitHub-Delivery` and `X-GitHub-Event`, as they came. */
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly body: Uint8Array;
}

/** Where deliveries go. */
export interface DeliveryTarget {
  readonly projects: Config['projects'];
  readonly producer: Pick<Producer, 'enqueueBuild' | 'enqueueSweep'>;
}

/**
 * Reads a delivery, does what it asks for and says what became of it.
 * @throws AppError DELIVERY_INVALID, QUEUE_UNAVAILABLE
 */
export async function takeDelivery(
  { project, id, event: eventName, body }: Delivery,
  target: DeliveryTarget,
): Promise<Answer> {
  const settings = target.projects[project];
  if (settings === undefined) return rejected(404, 'there is no such webhook');
  if (id === undefined || !/^[\x21-\x7e]{1,128}$/.test(id)) return rejected(400, 'X-GitHub-Delivery is missing or odd');
  if (eventName === undefined || !/^[a-z0-9_]{1,64}$/.test(eventName))
    return rejected(400, 'X-GitHub-Event is missing or odd');
  const json = parseJson(body);
  if (json === undefined) return rejected(400, 'the body is not JSON');

  const event = parseGithubEvent(eventName, json);
  const route = routeEvent(event, settings);
  const asked = { by: 'delivery', delivery: id } as const;
  switch (route.to) {
    case 'none':
      return event.kind === 'ping' ? { status: 200, outcome: 'pong', reason: route.reason } : ignored(route.reason);
    case 'sweep':
      return accepted(await target.producer.enqueueSweep({ project, asked }));
    case 'build':
      return accepted(
        await target.producer.enqueueBuild(
          { project, branch: route.branch, asked, seen: route.seen },
          { production: route.branch === settings.production },
        ),
      );
  }
}

/** `undefined` for what is not JSON in UTF-8; JSON itself knows no `undefined`. */
function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
