// How much work it is to compile a regular expression, estimated from its text: repetitions repeat what they are of.

/** Compiling takes about 3 µs for each of them. */
const mostSteps = 14_000;

/** Whether compiling would take longer than others may wait. What is no expression at all may be either. */
export function isTooLarge(pattern: string): boolean {
  return stepsOf(pattern) > mostSteps;
}

/** About how many steps the compiled expression has; any number over the most when it has more. */
export function stepsOf(pattern: string): number {
  if (pattern.length > mostSteps) return pattern.length;
  // Groups that are open, outermost first: what was before each.
  const open: number[] = [];
  let total = 0;
  let last = 0;
  for (let at = 0; at < pattern.length && total + last <= mostSteps; at++) {
    const sign = pattern[at];
    const times = sign === '{' ? repetition(pattern, at) : undefined;
    if (times !== undefined) {
      last *= times;
      at = pattern.indexOf('}', at);
    } else if (sign === '[') {
      total += last;
      last = 1;
      at = endOfClass(pattern, at);
    } else if (sign === '(') {
      open.push(total + last);
      total = last = 0;
    } else if (sign === ')') {
      last += total + 2;
      total = open.pop() ?? 0;
    } else {
      total += last;
      last = 1;
      if (sign === '\\') at++;
    }
  }
  return open.reduce((sum, one) => sum + one, total + last);
}

/** Where the class of characters that begins here ends; the end of the text when it does not. */
function endOfClass(pattern: string, start: number): number {
  let at = start + 1;
  if (pattern[at] === '^') at++;
  // The first bracket stands for itself, and so do those of `[:alpha:]`.
  if (pattern[at] === ']') at++;
  for (; at < pattern.length && pattern[at] !== ']'; at++) {
    if (pattern[at] === '\\') at++;
    else if (pattern.startsWith('[:', at)) at = Math.max(at, pattern.indexOf(':]', at) + 1);
  }
  return at;
}

/** How often `{3}`, `{3,}` or `{3,5}` at this place repeats; undefined when it is none of them. */
function repetition(pattern: string, at: number): number | undefined {
  const end = pattern.indexOf('}', at);
  // The longest is {1000,1000}.
  if (end < 0 || end - at > 10) return undefined;
  const [least = '', most] = pattern.slice(at + 1, end).split(',', 2);
  const digits = /^\d{1,4}$/;
  if (!digits.test(least) || (most !== undefined && most !== '' && !digits.test(most))) return undefined;
  return Math.max(1, Number(least) + (most === '' ? 1 : 0), Number(most ?? 0));
}
