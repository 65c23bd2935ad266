import { StringDecoder } from 'node:string_decoder';

/** Cuts a stream of chunks into lines. A line longer than `maxLength` is given in pieces, so memory is bounded. */
export interface LineSplitter {
  write(chunk: Buffer): void;
  /** Gives the last line, where the stream did not end with a line break. */
  end(): void;
}

/** A splitter that calls `onLine` with each line, without its line break. */
export function createLineSplitter(onLine: (line: string) => void, maxLength = 1 << 20): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let rest = '';

  function take(text: string): void {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
    if (rest.length > maxLength) {
      onLine(rest);
      rest = '';
    }
  }

  return {
    write: (chunk) => take(decoder.write(chunk)),
    end() {
      take(decoder.end());
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
