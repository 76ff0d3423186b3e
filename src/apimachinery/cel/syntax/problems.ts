// What is wrong with an expression, in the words and the layout of the real API server.

export interface Problem {
  /** An offset into the text; -1 for a problem of the text as a whole. */
  readonly position: number;
  readonly message: string;
}

/** A hostile line of a hundred thousand characters does not come back with every problem. */
const mostProblems = 100;
const longLine = 2000;
const mostProblemsOfLongLines = 5;

/** `ERROR: <input>:1:5: undefined field 'foo'`, then the line, then an arrow; sorted by place. Columns count characters, not UTF-16 units. */
export function formatProblems(problems: readonly Problem[], text: string): string {
  const sorted = [...problems].sort((left, right) => left.position - right.position);
  const most = text.length > longLine ? mostProblemsOfLongLines : mostProblems;
  const shown = sorted.slice(0, most).map((problem) => formatProblem(problem, text));
  return shown.join('\n');
}

function formatProblem({ position, message }: Problem, text: string): string {
  if (position < 0) return `ERROR: <input>:-1:0: ${message}`;
  const start = position === 0 ? 0 : text.lastIndexOf('\n', position - 1) + 1;
  const newline = text.indexOf('\n', start);
  const line = text.slice(start, newline < 0 ? undefined : newline);
  const number = countLines(text, start);
  const before = [...text.slice(start, position)];
  const dots = before.map((character) => (isWide(character) ? '．' : '.')).join('');
  const at = String.fromCodePoint(text.codePointAt(position) ?? 32);
  const arrow = isWide(at) ? '＾' : '^';
  return `ERROR: <input>:${number}:${before.length + 1}: ${message}\n | ${line.replaceAll('\t', ' ')}\n | ${dots}${arrow}`;
}

function countLines(text: string, end: number): number {
  let lines = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

/** The real server takes every character beyond one byte in UTF-8 to be wide. */
function isWide(character: string): boolean {
  return (character.codePointAt(0) ?? 0) > 127;
}
