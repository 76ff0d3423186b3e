// How the program speaks: calm lines, colour only on a terminal.

export interface Terminal {
  /** A line of the answer, to standard output. */
  print(line: string): void;
  /** Progress and errors, to standard error. */
  note(line: string): void;
  bold(text: string): string;
  dim(text: string): string;
}

export function terminal(out: NodeJS.WriteStream = process.stdout, err: NodeJS.WriteStream = process.stderr): Terminal {
  // https://no-color.org
  const colour = out.isTTY && process.env['NO_COLOR'] === undefined && process.env['TERM'] !== 'dumb';
  const style = (code: number, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  return {
    print: (line) => void out.write(`${line}\n`),
    note: (line) => void err.write(`${line}\n`),
    bold: (text) => style(1, text),
    dim: (text) => style(2, text),
  };
}
