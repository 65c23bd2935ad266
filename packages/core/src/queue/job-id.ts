import { type Sha256, slugOf } from '../slug.ts';
import { Asked } from './jobs.ts';

/** Such as stays as it is: no id of another delivery is made of it, with a branch or by a hash. */
const plain = /^(?!hash-|.*--)[0-9A-Za-z-]{1,64}$/;

/**
 * The id of the job that stands for one delivery, or for what it says of one branch: the same for each time the forge sends
 * it. It names the project, so that no project can touch another's jobs, and never is the header as it came: a job's key
 * shares its space with the queue's own (`wait`, `meta`), and BullMQ checks nothing. Neither a delivery's nor a branch's word
 * holds `--`, so what stands between and after them tells deliveries and branches apart.
 */
export function deliveryJobId(project: string, delivery: string, branch: string | null, sha256: Sha256): string {
  const id = plain.test(delivery) ? delivery : `hash-${sha256(delivery).slice(0, 40)}`;
  return `delivery-${project}--${id}${branch === null ? '' : `--${wordOf(branch, sha256)}`}`;
}

const askers = Asked.options.map(({ shape }) => shape.by.value);
const jobId = new RegExp(`^(?:${askers.join('|')})-[0-9A-Za-z-]+$`);

/**
 * Whether a word may be the id of a job that somebody asked for. No other key of a queue has that form, and those that BullMQ's
 * schedules make (`repeat:…`) have not either: they are of no project.
 */
export function isJobId(word: string): boolean {
  return jobId.test(word);
}

/** Its slug, with more of the hash where it ends in one: two branches may have one slug, and each has jobs of its own. */
function wordOf(branch: string, sha256: Sha256): string {
  const slug = slugOf(branch, sha256);
  return slug === branch ? slug : `${slug}${sha256(branch).slice(8, 32)}`;
}
