// The program's entry: reads the command line and ends with an exit code that means something.
import { terminal } from './terminal.js';
import { program } from './program.js';
import { explain, exitCodeOf } from './failure.js';

/** Runs the command line; resolves when it is done, with the process's exit code set. */
export async function main(): Promise<void> {
  const screen = terminal();
  // What nothing has caught ends the program, but with one line.
  process.on('uncaughtException', (error) => {
    screen.note(explain(error));
    process.exit(exitCodeOf(error));
  });
  try {
    await program(screen).parseAsync(process.argv);
  } catch (error) {
    const text = explain(error);
    if (text !== '') screen.note(text);
    process.exitCode = exitCodeOf(error);
  }
}
