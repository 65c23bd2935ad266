/** The text of a unit file: its sections in order, each with its lines. */
export function renderSections(sections: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(sections)
    .map(([title, lines]) => `[${title}]\n${lines.join('\n')}\n`)
    .join('\n');
}
