/** Where one world is not as the other: each file that is in one alone, and each line that is. */
export function differences(
  world: Readonly<Record<string, string>>,
  reference: Readonly<Record<string, string>>,
): string[] {
  const paths = [...new Set([...Object.keys(reference), ...Object.keys(world)])].toSorted();
  return paths.flatMap((path) => {
    const [is, should] = [world[path], reference[path]];
    if (is === undefined) return [`there is no ${path}`];
    if (should === undefined) return [`there is ${path}: ${is}`];
    const lacks = should.split('\n').filter((line) => !is.split('\n').includes(line));
    const has = is.split('\n').filter((line) => !should.split('\n').includes(line));
    return is === should ? [] : [`${path} has «${has.join('\n')}», not «${lacks.join('\n')}»`];
  });
}
