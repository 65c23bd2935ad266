/** A text for man(7): nothing in it is a request, an escape or a quote to roff. */
export function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '')
    .replace(/^\./gm, '\\&.');
}

/** A paragraph with a tag: an option, a command, a setting. */
export function tagged(tag: string, text: string): string {
  return `.TP\n.B ${roff(tag)}\n${roff(text)}\n`;
}
