import { oldest, type Progress } from './progress.ts';

/**
 * The worker's progress as gauges, in the text format of Prometheus
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). `null`: no worker runs. What is not known has no line.
 */
export function renderMetrics(progress: Progress | null): string {
  const up = gauge('bough_worker_up', 'Whether a worker answers.', progress === null ? 0 : 1);
  if (progress === null) return up;
  const { actions, oldestPendingSec, lastSweepSec, redisReadySec } = progress;
  const action = oldest(actions.filter(({ isJob }) => !isJob)) ?? oldest(actions);
  return [
    up,
    gauge('bough_redis_connected', 'Whether the worker is connected to Redis.', redisReadySec === null ? 0 : 1),
    gauge(
      'bough_oldest_pending_seconds',
      'Age of the oldest job of a deployment that waits or runs; 0 where there is none.',
      oldestPendingSec,
    ),
    gauge('bough_action_seconds', 'Age of what the worker is at; 0 where it has nothing to do.', action?.ageSec ?? 0),
    gauge('bough_jobs_running', 'Jobs the worker is at.', actions.filter(({ isJob }) => isJob).length),
    gauge(
      'bough_last_sweep_seconds',
      'Since a sweep looked at all of a project, of the one of which that is longest ago.',
      lastSweepSec,
    ),
  ].join('');
}

function gauge(name: string, help: string, value: number | null): string {
  return value === null ? '' : `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${name} ${Number(value.toFixed(3))}\n`;
}
