/** A text with the credentials of every URL in it hidden: `https://user:to@ken@host` becomes `https://…@host`. */
export function redactUrls(text: string): string {
  return text.replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/]*@/gi, '$1…@');
}
