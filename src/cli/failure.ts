// What the terminal shows for an error: one line that says what to do, never a stack trace.
import { CertificateError } from '../apiserver/certificates/certificate-error.js';
import { OptionError } from '../cluster/options.js';

/** A command that ran and failed, with the exit code to pass on. Nothing more is to be said. */
export class ExitCode extends Error {
  constructor(readonly code: number) {
    super(`exit code ${code}`);
  }
}

/** '' when there is nothing to say. */
export function explain(error: unknown): string {
  if (error instanceof ExitCode) return '';
  if (error instanceof OptionError || error instanceof CertificateError) return `kubedouble: ${error.message}`;
  const text = error instanceof Error ? error.message : String(error);
  return `kubedouble: ${text.split('\n', 1)[0]!} (unexpected: please report it; KUBEDOUBLE_DEBUG=1 shows where it came from)${process.env['KUBEDOUBLE_DEBUG'] === undefined || !(error instanceof Error) ? '' : `\n${error.stack}`}`;
}

/** 2 for a wrong command line or configuration, 1 for everything else. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof ExitCode) return error.code;
  return error instanceof OptionError ? 2 : 1;
}
