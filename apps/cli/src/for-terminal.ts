// What commands a terminal (C0 and C1 but for tabs and line breaks), or turns the direction of what is read.
const commands = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\p{Bidi_Control}]/gu;

/** A text for people: what branches, apps and people with a token wrote into it commands no terminal. */
export function forTerminal(text: string): string {
  return text.replace(commands, '\ufffd');
}
