// What commands a terminal (C0, C1), breaks a line, or turns the direction of what is read; JSON leaves most of it as it is.
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\p{Bidi_Control}]/gu;

/** Somebody else's text for a log or an answer: at most `max` characters of it, and nothing that is more than text. */
export function printable(text: string, max: number): string {
  return text.slice(0, max).toWellFormed().replace(unprintable, '\ufffd');
}
