import type * as z from 'zod';

type Issue = z.core.$ZodIssue;

/**
 * What is wrong with a value, one text a problem: the path of the field and what it must be. Zod's own words for a wrong
 * key and for a value that fits no choice hide the reason one level below; here it is said.
 */
export function schemaProblems({ issues }: z.core.$ZodError): string[] {
  return issues.map((issue) => `${issue.path.join('.') || '(top level)'}: ${reasonOf(issue)}`);
}

function reasonOf(issue: Issue): string {
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => message).join(', ');
  if (issue.code !== 'invalid_union') return issue.message;
  const leaves = leavesOf(issue);
  const nearest = leaves.find(({ code }) => code !== 'invalid_type' && code !== 'invalid_value'); // of the right type
  return nearest?.message ?? `expected ${leaves.flatMap(expectedOf).join(' or ')}`;
}

function expectedOf(issue: Issue): string[] {
  if (issue.code === 'invalid_type') return [issue.expected];
  return issue.code === 'invalid_value' ? issue.values.map(String) : [];
}

function leavesOf(issue: Issue): Issue[] {
  return issue.code === 'invalid_union' ? issue.errors.flat().flatMap(leavesOf) : [issue];
}
