import type { Config } from '@bough/core/config/config.ts';
import type { Project } from '@bough/core/config/project.ts';
import type { ForgeEvent } from '@bough/core/forge/event.ts';
import { forges } from '@bough/core/forge/forges.ts';
import { routeEvent } from '@bough/core/forge/route.ts';
import { printable } from '@bough/core/text/printable.ts';
import type { Producer } from '@bough/host/queue/producer.ts';
import { accepted, type Answer, answerOf, type Ending, rejected } from './answer.ts';
import type { DeliveryHead } from './delivery-head.ts';

/** Where deliveries go. */
export interface DeliveryTarget {
  readonly projects: Config['projects'];
  readonly producer: Pick<Producer, 'enqueueBuild' | 'enqueueSweep'>;
}

/** A push of more branches than this is one look at all of them: the forge's refs tell the rest. */
const maxRefs = 100;

/**
 * Reads a delivery whose proof was right, does what it asks for and says what became of it.
 * @throws AppError DELIVERY_INVALID, QUEUE_UNAVAILABLE
 */
export async function takeDelivery(head: DeliveryHead, body: Uint8Array, target: DeliveryTarget): Promise<Answer> {
  const settings = target.projects[head.project];
  if (settings === undefined) return rejected(404, 'there is no such webhook');
  const forge = forges[settings.forge];
  const { id, event: eventName } = head;
  if (id === undefined || !/^[\x21-\x7e]{1,128}$/.test(id))
    return rejected(400, `${forge.deliveryHeaders.join(' or ')} is missing or odd`);
  if (eventName === undefined || !/^[A-Za-z0-9][A-Za-z0-9_:. -]{0,63}$/.test(eventName))
    return rejected(400, `${forge.eventHeader} is missing or odd`);
  const json = parseJson(body);
  if (json === undefined) return rejected(400, 'the body is not JSON');

  const delivery = { project: head.project, settings, id, target };
  const events = forge.parse(eventName, json);
  if (events.length > maxRefs) {
    const sweep = await enqueueSweep(delivery);
    return answerOf([{ ref: '', ...sweep, reason: `it names ${events.length} refs: one sweep looks at all of them` }]);
  }
  return answerOf(
    await Promise.all(events.map(async (event) => ({ ref: refOf(event), ...(await act(event, delivery)) }))),
  );
}

interface ReadDelivery {
  readonly project: string;
  readonly settings: Project;
  readonly id: string;
  readonly target: DeliveryTarget;
}

async function act(event: ForgeEvent, delivery: ReadDelivery): Promise<Ending> {
  const { project, settings, id, target } = delivery;
  const route = routeEvent(event, settings);
  switch (route.to) {
    case 'none':
      return { outcome: event.kind === 'ping' ? 'pong' : 'ignored', reason: route.reason };
    case 'sweep':
      return enqueueSweep(delivery);
    case 'build': {
      const { branch, seen, skip, note } = route;
      const asked = { by: 'delivery', delivery: id } as const;
      const job = { project, branch, asked, seen, ...(skip === undefined ? {} : { skip }) };
      return accepted(await target.producer.enqueueBuild(job, { production: branch === settings.production }), note);
    }
  }
}

async function enqueueSweep({ project, id, target }: ReadDelivery): Promise<Ending> {
  return accepted(await target.producer.enqueueSweep({ project, asked: { by: 'delivery', delivery: id } }));
}

function refOf(event: ForgeEvent): string {
  if (event.kind === 'ignored') return printable(event.ref ?? '', 300);
  return event.kind === 'ping' ? '' : `refs/heads/${event.branch}`;
}

/** `undefined` for what is not JSON in UTF-8; JSON itself knows no `undefined`. */
function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
