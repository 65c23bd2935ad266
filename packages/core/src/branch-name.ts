import * as z from 'zod';

// git-check-ref-format(1), the rules for one ref below refs/heads/.
const forbidden = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\/\.|\.lock(\/|$)|\.$|\/$|^\/|^\.|^@$|^-/u;

// Git takes them, but they would command a terminal (C1), break a line, or turn the direction of what is read.
const misleading = /[\u0080-\u009f\u2028\u2029\p{Bidi_Control}]/u;

// Halves of characters: two such names would have one hash. And what never is a character: systemd takes no text with one.
const isText = (name: string): boolean => name.isWellFormed() && !/\p{Noncharacter_Code_Point}/u.test(name);

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/**
 * What one part between slashes may have: git makes a file of its name and `.lock`, and no file's name has more than 255. A
 * remote that keeps its refs otherwise can hold a longer one.
 */
const mostOfPart = 250;

/** A branch name git would accept and people can read, at most 255 bytes of UTF-8, without `refs/heads/`. */
export const BranchName = z
  .string()
  .min(1, 'is empty')
  .refine(isText, 'is not Unicode')
  .refine((name) => !forbidden.test(name), 'is not a branch name git accepts')
  .refine((name) => !misleading.test(name), 'holds a character that changes how text is shown')
  .refine((name) => bytesOf(name) <= 255, 'is longer than 255 bytes')
  .refine(
    (name) => name.split('/').every((part) => bytesOf(part) <= mostOfPart),
    `has a part longer than ${mostOfPart} bytes, which git cannot keep in a file`,
  );
export type BranchName = z.infer<typeof BranchName>;
