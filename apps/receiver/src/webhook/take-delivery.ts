import type { Project } from '@bough/core/config/project.ts';
import type { ForgeEvent } from '@bough/core/forge/event.ts';
import type { BranchLine } from '@bough/core/ledger/delivery-line.ts';
import { unavailable } from '@bough/core/ledger/without-job.ts';
import { routeEvent } from '@bough/core/forge/route.ts';
import { printable } from '@bough/core/text/printable.ts';
import type { SweepJob } from '@bough/core/queue/jobs.ts';
import type { Enqueued } from '@bough/host/queue/enqueued.ts';
import type { Producer } from '@bough/host/queue/producer.ts';
import { createHash } from 'node:crypto';
import { accepted, type Answer, answerOf, type Ending, rejected } from './answer.ts';
import type { DeliveryHead } from './delivery-head.ts';
import type { Webhook } from './webhook.ts';

/** Where deliveries go. */
export interface DeliveryProducer extends Pick<Producer, 'enqueueBuild'> {
  /** `deleted`: the branch that is why, where it is one. */
  enqueueSweep(job: SweepJob, options: { readonly identity: string; readonly deleted?: string }): Promise<Enqueued>;
}

/** A push of more branches than this is one look at all of them: the forge's refs tell the rest. */
const maxRefs = 100;
/** So many of them are noted at the most: no delivery may fill the ledger. */
const maxNoted = 1_000;

/**
 * Reads a delivery whose proof was right, does what it asks for and says what became of it. Notes each ref that has no job of its
 * own; what `producer` is asked for is noted there.
 * @throws AppError DELIVERY_INVALID, QUEUE_UNAVAILABLE
 */
export async function takeDelivery(
  head: DeliveryHead,
  { settings, adapter }: Webhook,
  body: Uint8Array,
  producer: DeliveryProducer,
  note: (line: BranchLine) => void,
): Promise<Answer> {
  const { project, id, event: eventName } = head;
  if (id === undefined || !/^[\x21-\x7e]{1,128}$/.test(id))
    return rejected(400, `${adapter.deliveryHeaders.join(' or ')} is missing or odd`);
  if (eventName === undefined || !/^[A-Za-z0-9][A-Za-z0-9_:. -]{0,63}$/.test(eventName))
    return rejected(400, `${adapter.eventHeader} is missing or odd`);
  const json = parseJson(body);
  if (json === undefined) return rejected(400, 'the body is not JSON');

  const identity = adapter.identity === 'content' ? contentHash(eventName, body) : id;
  const delivery = { project, settings, id, identity, producer };
  const events = adapter.parse(eventName, json);
  if (events.length > maxRefs) {
    const noteEach = (outcome: string, reason: string): void => {
      for (const event of events.slice(0, maxNoted))
        if (event.kind === 'push' || event.kind === 'delete')
          note(withoutJob(event, { ref: refOf(event), outcome, reason }));
    };
    const sweep = await enqueueSweep(delivery).catch((error: unknown) => {
      noteEach(unavailable, 'the sweep that was to look at it was refused');
      throw error;
    });
    noteEach(sweep.outcome, 'a sweep looks at it');
    return answerOf([{ ref: '', ...sweep, reason: `it names ${events.length} refs: one sweep looks at all of them` }]);
  }
  const settled = await Promise.allSettled(
    events.map(async (event) => ({ event, ending: { ref: refOf(event), ...(await act(event, delivery)) } })),
  );
  const ended = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  for (const { event, ending } of ended)
    if (ending.job === undefined && ending.ref !== '') note(withoutJob(event, ending));
  // Once all have ended: a job that is kept after the answer would not be in the ledger.
  for (const each of settled) if (each.status === 'rejected') throw each.reason;
  return answerOf(ended.map(({ ending }) => ending));
}

/** With its commit, or the sweep's look at that would be taken for one at a push no delivery told of. */
function withoutJob(
  event: ForgeEvent,
  { ref, outcome, reason }: Pick<Ending, 'reason'> & Pick<BranchLine, 'outcome'> & { readonly ref: string },
): BranchLine {
  return {
    branch: ref.replace(/^refs\/heads\//, ''),
    commit: event.kind === 'push' ? event.commit : null,
    job: null,
    own: null,
    outcome,
    reason: reason ?? null,
  };
}

interface ReadDelivery {
  readonly project: string;
  readonly settings: Project;
  readonly id: string;
  /** By what it is known again. */
  readonly identity: string;
  readonly producer: DeliveryProducer;
}

async function act(event: ForgeEvent, delivery: ReadDelivery): Promise<Ending> {
  const { project, settings, id, identity, producer } = delivery;
  const route = routeEvent(event, settings);
  switch (route.to) {
    case 'none':
      return { outcome: event.kind === 'ping' ? 'pong' : 'ignored', reason: route.reason };
    case 'sweep':
      return enqueueSweep(delivery, event.kind === 'delete' ? event.branch : undefined);
    case 'build': {
      const { branch, seen, skip, note } = route;
      const asked = { by: 'delivery', delivery: id } as const;
      const job = { project, branch, asked, seen, ...(skip === undefined ? {} : { skip }) };
      return accepted(await producer.enqueueBuild(job, { production: branch === settings.production, identity }), note);
    }
  }
}

async function enqueueSweep({ project, id, identity, producer }: ReadDelivery, deleted?: string): Promise<Ending> {
  const options = { identity, ...(deleted === undefined ? {} : { deleted }) };
  return accepted(await producer.enqueueSweep({ project, asked: { by: 'delivery', delivery: id } }, options));
}

function refOf(event: ForgeEvent): string {
  if (event.kind === 'ignored') return printable(event.ref ?? '', 300);
  return event.kind === 'ping' ? '' : `refs/heads/${event.branch}`;
}

/** The same for what is sent again, whatever the headers. */
function contentHash(eventName: string, body: Uint8Array): string {
  return createHash('sha256').update(`${eventName}\n`).update(body).digest('hex');
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** `undefined` for what is not JSON in UTF-8; JSON itself knows no `undefined`. */
function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(body));
  } catch {
    return undefined;
  }
}
