import type { PublishState } from '@bough/host/status/publish-state.ts';
import { slugOf } from '@bough/host/slug.ts';
import type { Processors } from './start-worker.ts';

type Published = Pick<Processors, 'build' | 'reconcile'>;

/** The same work, after which whatever it came to is published. */
export function publishing(publish: PublishState, { build, reconcile }: Published): Published {
  return {
    async build(job, run) {
      try {
        return await build(job, run);
      } finally {
        publish.changed({ project: job.project, slug: slugOf(job.branch) });
      }
    },
    async reconcile(id, run) {
      try {
        return await reconcile(id, run);
      } finally {
        publish.changed(id);
      }
    },
  };
}
