// Runs a parsed script, step by step.
import { builtins, dateText, forever, ProcessExit, type ProcessContext, type Step } from './builtins.js';
import { plainText } from './parser.js';
import type { AndOr, Command, SimpleCommand, Word, WordPart } from './syntax.js';

/** A value may grow to this length; a script that goes on is ended. */
const longestValue = 65_536;

interface Shell {
  readonly context: ProcessContext;
  readonly variables: Map<string, string>;
  /** `set -e`: the first command that fails ends the script. */
  readonly errexit: boolean;
  last: number;
}

/** The value is the script's exit code; it may also throw ProcessExit. */
export function* runScript(list: readonly AndOr[], context: ProcessContext, errexit: boolean): Generator<Step, number> {
  const shell: Shell = { context, variables: new Map(context.envs), errexit, last: 0 };
  yield* runList(list, shell);
  return shell.last;
}

function* runList(list: readonly AndOr[], shell: Shell): Generator<Step, void> {
  for (const { first, rest } of list) {
    yield* runCommand(first, shell);
    let tested = rest.length > 0;
    for (const [index, { operator, command }] of rest.entries()) {
      if ((operator === '&&') !== (shell.last === 0)) continue;
      yield* runCommand(command, shell);
      tested = index < rest.length - 1;
    }
    if (shell.errexit && shell.last !== 0 && !tested) throw new ProcessExit(shell.last);
  }
}

function* runCommand(command: Command, shell: Shell): Generator<Step, void> {
  if (command.kind === 'simple') return yield* runSimple(command, shell);
  if (command.kind === 'for') {
    shell.last = 0;
    for (const word of expand(command.words, shell)) {
      shell.variables.set(command.variable, word);
      yield* runList(command.body, shell);
    }
    return;
  }
  const tested: Shell = { ...shell, errexit: false };
  for (let status = 0; ; status = shell.last) {
    tested.last = shell.last;
    yield* runList(command.condition, tested);
    if ((tested.last === 0) === command.until) {
      shell.last = status;
      return;
    }
    yield* runList(command.body, shell);
  }
}

function* runSimple({ words, output }: SimpleCommand, shell: Shell): Generator<Step, void> {
  yield { kind: 'tick' };
  if (assign(words, shell)) return;
  const [name = '', ...args] = expand(words[0] && plainText(words[0]) === 'exec' ? words.slice(1) : words, shell);
  const builtin = builtins.get(name.slice(name.lastIndexOf('/') + 1)) ?? forever;
  const steps = builtin(name === 'exit' && args.length === 0 ? [String(shell.last)] : args, { ...shell.context, envs: shell.variables });
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) {
      shell.last = step.value;
      return;
    }
    if (step.value.kind !== 'print' || step.value.stream === 'stderr' || output === 'stdout') yield step.value;
    else if (output === 'stderr') yield { ...step.value, stream: 'stderr' };
  }
}

/** `NAME=value`, alone or after `export`. */
function assign(words: readonly Word[], shell: Shell): boolean {
  const [first, ...rest] = plainText(words[0]) === 'export' ? words.slice(1) : words;
  const head = first?.parts[0];
  if (first === undefined || rest.length > 0) return false;
  // The name is written one character a part.
  let name = '';
  let at = 0;
  for (
    let part: WordPart | undefined = head;
    part?.kind === 'text' && part.text !== '=' && part.text.length === 1;
    part = first.parts[at]
  ) {
    name += part.text;
    at++;
  }
  const equals = first.parts[at];
  if (equals?.kind !== 'text' || equals.text !== '=' || !/^[A-Za-z_]\w*$/.test(name)) return false;
  shell.variables.set(name, join(first.parts.slice(at + 1), shell));
  shell.last = 0;
  return true;
}

function expand(words: readonly Word[], shell: Shell): string[] {
  return words.flatMap((word) => {
    const text = join(word.parts, shell);
    // The value of a variable without quotes is several words.
    const splits = !word.quoted && word.parts.some((part) => part.kind === 'variable' || part.kind === 'substitution');
    if (splits) return text.split(/\s+/).filter((one) => one !== '');
    return [text];
  });
}

function join(parts: readonly WordPart[], shell: Shell): string {
  let text = '';
  for (const part of parts) {
    text += valueOf(part, shell);
    if (text.length > longestValue) throw new ProcessExit(2);
  }
  return text;
}

function valueOf(part: WordPart, shell: Shell): string {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'variable':
      return part.name === '?' ? String(shell.last) : (shell.variables.get(part.name) ?? '');
    case 'substitution':
      return part.command === 'date' ? dateText(shell.context.now()) : shell.context.hostname;
    case 'arithmetic': {
      const [first = 0, ...rest] = part.operands.map((operand) => numberOf(operand, shell));
      return String(rest.reduce((left, right, index) => calculate(left, part.operators[index]!, right), first));
    }
  }
}

function numberOf(operand: string | number, shell: Shell): number {
  const value = typeof operand === 'number' ? operand : Number(shell.variables.get(operand) ?? '0');
  return Number.isSafeInteger(value) ? value : 0;
}

function calculate(left: number, operator: string, right: number): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    default:
      if (right === 0) throw new ProcessExit(2);
      return operator === '%' ? left % right : Math.trunc(left / right);
  }
}
