import * as z from 'zod';

/**
 * A list as a forge sends it, read up to its first wrong element: a body of some megabytes may hold a million of them, and
 * a problem told of each would be a hundred times its size.
 */
export function listOf<T extends z.ZodType>(element: T) {
  return z.custom<readonly unknown[]>(Array.isArray, 'expected array').transform((items, context): z.infer<T>[] => {
    const read: z.infer<T>[] = [];
    for (const [index, item] of items.entries()) {
      const result = element.safeParse(item);
      if (result.success) {
        read.push(result.data);
        continue;
      }
      for (const { message, path } of result.error.issues)
        context.issues.push({ code: 'custom', message, input: item, path: [index, ...path] });
      return z.NEVER;
    }
    return read;
  });
}
