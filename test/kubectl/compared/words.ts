// Splits a command line into words as a shell does, without a shell.

/** Blanks divide words, single and double quotes keep them; nothing is expanded. Throws for a quote without an end. */
export function wordsOf(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (const char of line) {
    if (quote !== '') {
      if (char === quote) quote = '';
      else word = (word ?? '') + char;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + char;
    }
  }
  if (quote !== '') throw new Error(`a quote has no end: ${line}`);
  if (word !== undefined) words.push(word);
  return words;
}
