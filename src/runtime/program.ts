// From an image and a command to what the container does.
import { behaviourOf, type ImageBehaviour } from './image-behaviours.js';
import { parseImageName } from './image-name.js';
import { builtins, forever, type ProcessContext, type Step } from './shell/builtins.js';
import { runScript } from './shell/interpreter.js';
import { parseScript } from './shell/parser.js';
import { NotUnderstood, type Word } from './shell/syntax.js';
import type { ContainerConfig } from './cri.js';

/** A process: its steps, then its exit code (or a ProcessExit thrown). */
export interface Program {
  run(context: ProcessContext): Generator<Step, number>;
  /** The exit code after SIGTERM. */
  readonly terminated: number;
}

const shells = new Set(['sh', 'bash', 'ash', 'dash']);
/** 128 and the number of SIGTERM. */
const endedBySignal = 143;

/**
 * What a container does. With a command (or arguments, which most images run as one), that is run when it is one of an honest subset:
 * `echo`, `printf`, `sleep`, `true`, `false`, `date`, `exit`, `hostname`, `env`, and `sh -c` with lists, `&&`, `||`, loops, variables and
 * simple arithmetic over them. A command that is not understood runs on until it is stopped, and prints nothing. Without a command
 * the image's own behaviour runs; of an unknown image, one that prints a line and runs on.
 */
export function programOf({ image, command, args, stdin }: ContainerConfig, behaviours: readonly ImageBehaviour[]): Program {
  const behaviour = behaviourOf(behaviours, parseImageName(image).repository);
  const words = [...command, ...args];
  if (words.length > 0) {
    const understood = commandProgram(words);
    if (understood) return understood;
    if (command.length > 0) return { run: forever, terminated: endedBySignal };
  }
  if (behaviour) return imageProgram(behaviour, stdin);
  return imageProgram({ repositories: [], prints: [`${image}: started`] }, stdin);
}

function imageProgram({ prints, exits, shell = false, terminated = 0 }: ImageBehaviour, stdin: boolean): Program {
  return {
    *run() {
      for (const text of prints) yield { kind: 'print', text: `${text}\n`, stream: 'stdout' };
      const ends = exits ?? (shell && !stdin ? 0 : undefined);
      if (ends !== undefined) return ends;
      return yield* forever();
    },
    terminated,
  };
}

/** Undefined: not understood. */
function commandProgram(words: readonly string[]): Program | undefined {
  const name = baseName(words[0]!);
  if (shells.has(name)) return shellProgram(words.slice(1));
  if (!builtins.has(name) || name === 'exit' || name === ':') return undefined;
  const list = [{ first: { kind: 'simple' as const, words: words.map(literal), output: 'stdout' as const }, rest: [] }];
  return { run: (context) => runScript(list, context, false), terminated: endedBySignal };
}

/** `-c script`, also as `-ec` or `-e -c`. */
function shellProgram(args: readonly string[]): Program | undefined {
  let errexit = false;
  for (const [index, arg] of args.entries()) {
    if (!/^-[ecux]+$/.test(arg)) return undefined;
    errexit ||= arg.includes('e');
    if (!arg.includes('c')) continue;
    try {
      const list = parseScript(args[index + 1] ?? '');
      return { run: (context) => runScript(list, context, errexit), terminated: endedBySignal };
    } catch (error) {
      if (error instanceof NotUnderstood) return undefined;
      throw error;
    }
  }
  return undefined;
}

function literal(text: string): Word {
  return { parts: [{ kind: 'text', text }], quoted: true };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
