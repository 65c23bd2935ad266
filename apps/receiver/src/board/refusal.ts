const base = '/api/queues/:queueName/:jobId';
const allowed = new Set([`${base}/retry`, `${base}/promote`]);

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
