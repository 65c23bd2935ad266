import type { Project } from '@bough/core/config/project.ts';
import type { ForgeEvent } from '@bough/core/forge/event.ts';
import type { BranchLine } from '@bough/core/ledger/delivery-line.ts';
import { unavailable } from '@bough/core/ledger/without-job.ts';
import { printable } from '@bough/core/text/printable.ts';
import type { SweepJob } from '@bough/core/queue/jobs.ts';
import type { Enqueued } from '@bough/host/queue/enqueued.ts';
import type { Producer } from '@bough/host/queue/producer.ts';
import { createHash } from 'node:crypto';
import { accepted, type Answer, answerOf, type Ending, rejected } from './answer.ts';
import type { DeliveryHead } from './delivery-head.ts';
import { divideEvents, type Routed } from './divide-events.ts';
import type { Webhook } from './webhook.ts';

/** Where deliveries go. */
export interface DeliveryProducer extends Pick<Producer, 'enqueueBuild'> {
  /** `deleted`: the branch that is why, where it is one. */
  enqueueSweep(job: SweepJob, options: { readonly identity: string; readonly deleted?: string }): Promise<Enqueued>;
}

/** So many refs without a job of their own are noted at the most: no delivery may fill the ledger. */
const maxNoted = 1_000;
const atOnce = 100;

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
  const { alone, together } = divideEvents(events, settings);
  let noted = 0;
  const noteSome = (event: ForgeEvent, ending: NotedEnding): void => {
    noted += 1;
    if (noted <= maxNoted) note(withoutJob(event, ending));
  };

  const each = await actOnEach(alone, delivery);
  // Behind the jobs that say what is not to be built. Noted before the others: what it builds would else be missed pushes.
  const swept = together.length === 0 ? [] : await Promise.allSettled([sweepAll(together, delivery, noteSome)]);
  for (const [index, { event }] of alone.entries()) {
    const ending = each[index]?.status === 'fulfilled' ? each[index].value : null;
    if (ending !== null && ending.job === undefined && ending.ref !== '') noteSome(event, ending);
  }
  const settled = [...each, ...swept];
  // Once all have ended: a job that is kept after the answer would not be in the ledger.
  for (const one of settled) if (one.status === 'rejected') throw one.reason;
  const answer = answerOf(settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
  if (together.length === 0) return answer;
  const which = alone.length === 0 ? 'all' : String(together.length);
  return { ...answer, reason: `it names ${events.length} refs: one sweep looks at ${which} of them` };
}

type NamedEnding = Ending & { readonly ref: string };
type NotedEnding = Pick<Ending, 'reason'> & Pick<BranchLine, 'outcome'> & { readonly ref: string };

/** Some of them at a time: a job has a second to be kept. */
async function actOnEach(
  alone: readonly Routed[],
  delivery: ReadDelivery,
): Promise<PromiseSettledResult<NamedEnding>[]> {
  const settled: PromiseSettledResult<NamedEnding>[] = [];
  for (let from = 0; from < alone.length; from += atOnce) {
    const some = alone.slice(from, from + atOnce);
    settled.push(
      ...(await Promise.allSettled(
        some.map(async (routed) => ({ ref: refOf(routed.event), ...(await act(routed, delivery)) })),
      )),
    );
  }
  return settled;
}

/** One sweep for all of them. */
async function sweepAll(
  together: readonly Routed[],
  delivery: ReadDelivery,
  note: (event: ForgeEvent, ending: NotedEnding) => void,
): Promise<NamedEnding> {
  const noteEach = (outcome: string, reason: string): void => {
    for (const { event } of together) note(event, { ref: refOf(event), outcome, reason });
  };
  try {
    const sweep = await enqueueSweep(delivery);
    noteEach(sweep.outcome, 'a sweep looks at it');
    return { ref: 'refs/heads/*', ...sweep, reason: `one sweep looks at ${together.length} refs` };
  } catch (error) {
    noteEach(unavailable, 'the sweep that was to look at it was refused');
    throw error;
  }
}

/** With its commit, or the sweep's look at that would be taken for one at a push no delivery told of. */
function withoutJob(event: ForgeEvent, { ref, outcome, reason }: NotedEnding): BranchLine {
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

async function act({ event, route }: Routed, delivery: ReadDelivery): Promise<Ending> {
  const { project, settings, id, identity, producer } = delivery;
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
