/** Rows of cells as columns two spaces apart, with a head or without. Ends with a line break unless it is empty. */
export function renderTable(head: readonly string[] | null, rows: readonly (readonly string[])[]): string {
  const all = head === null ? rows : [head.map((cell) => cell.toUpperCase()), ...rows];
  const widths: number[] = [];
  for (const row of all) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}
