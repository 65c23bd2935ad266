import { queueNames } from '@bough/core/queue/jobs.ts';

const base = '/api/queues/:queueName/:jobId';
const retry = `${base}/retry`;
const allowed = new Set([retry, `${base}/promote`]);

/**
 * Why an action of Bull Board is refused, or `null` where it is allowed: reading, retrying one job, promoting one delayed
 * job. An allow-list, so that what a new version of Bull Board brings is refused until somebody looked at it.
 */
export function boardRefusal(method: string, route: string): string | null {
  const verb = method.toUpperCase();
  if (verb === 'GET' || verb === 'HEAD') return null;
  if (verb === 'PUT' && allowed.has(route)) return null;
  return 'Bough allows to read, to retry one job and to promote one job; the queues themselves are its own';
}

/**
 * Why a job is not run again, or `null` where it may be. A build looks at the branch as it is now, however often; what a person
 * asked for was right when it was asked for, and once done it is not done a second time: a branch would go back, or be taken down.
 */
export function retryRefusal(route: string, queue: string, state: string): string | null {
  if (route !== retry || queue !== queueNames.operate || state === 'failed') return null;
  return 'a request that was carried out is not carried out again; ask anew, with the command line or the API';
}
