// Runs a program by the clock, until it ends or is stopped.
import type { Clock, Timer } from '../clock/clock.js';
import type { LogStreamName } from './container-log.js';
import type { Program } from './program.js';
import { ProcessExit, type ProcessContext, type Step } from './shell/builtins.js';

export interface ProcessOptions {
  readonly program: Program;
  readonly clock: Clock;
  readonly context: ProcessContext;
  readonly print: (text: string, stream: LogStreamName) => void;
  /** Called once, possibly before `startProcess` returns. */
  readonly onExit: (code: number) => void;
}

export interface Process {
  /** SIGTERM: ends it shortly, with the program's own code. */
  terminate(): void;
  /** SIGKILL: ends it at once with 137. */
  kill(): void;
  /** It is gone; nobody is told. */
  vanish(): void;
}

/**
 * How long a process takes to end after SIGTERM, in milliseconds. A real `sleep` as a container's first process ignores the signal
 * and uses up the grace period; here every process ends soon, because tests should not wait for that.
 */
export const terminationMilliseconds = 20;
/** So many steps without waiting, then a pause: a busy loop must not hold up everything else. */
const stepsAtOnce = 256;
const pauseMilliseconds = 100;
const killed = 137;

/** Starts a process; its steps up to the first wait run before this returns. */
export function startProcess({ program, clock, context, print, onExit }: ProcessOptions): Process {
  const steps = program.run(context);
  let timer: Timer | undefined;
  let ended = false;
  let terminating = false;

  const end = (code: number | undefined): void => {
    if (ended) return;
    ended = true;
    timer?.cancel();
    if (code !== undefined) onExit(code);
  };
  const next = (): IteratorResult<Step, number> => {
    try {
      return steps.next();
    } catch (error) {
      if (error instanceof ProcessExit) return { done: true, value: error.code };
      throw error;
    }
  };
  const advance = (): void => {
    timer = undefined;
    for (let count = 0; count < stepsAtOnce; count++) {
      const { done, value } = next();
      if (done === true) return end(value);
      if (value.kind === 'print') print(value.text, value.stream);
      else if (value.kind === 'forever') return;
      else if (value.kind === 'sleep') {
        timer = clock.after(value.milliseconds, advance);
        return;
      }
    }
    timer = clock.after(pauseMilliseconds, advance);
  };

  advance();
  return {
    terminate() {
      if (ended || terminating) return;
      terminating = true;
      timer?.cancel();
      timer = clock.after(terminationMilliseconds, () => end(program.terminated));
    },
    kill: () => end(killed),
    vanish: () => end(undefined),
  };
}
