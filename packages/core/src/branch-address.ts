import type { Project } from './config/project.ts';

/** Where people reach a branch. */
export interface BranchAddress {
  /** Without a slash at its end. */
  readonly url: string;
  /** What comes before the app's own paths in `url`; empty where the app has a host to itself. */
  readonly basePath: string;
}

/** The address of a branch, as its project routes. A production branch that answers at the root has that address alone. */
export function branchAddress(
  project: Pick<Project, 'url' | 'routing' | 'productionAtRoot'>,
  slug: string,
  isProduction: boolean,
): BranchAddress {
  const { protocol, host } = new URL(project.url);
  if (isProduction && project.productionAtRoot) return { url: `${protocol}//${host}`, basePath: '' };
  if (project.routing === 'subdomain') return { url: `${protocol}//${slug}.${host}`, basePath: '' };
  return { url: `${protocol}//${host}/${slug}`, basePath: `/${slug}` };
}
