// The case files: which kubectl commands are run, and against what; where the real server's outputs are kept.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/**
 * One entry of a case file. In every text `{ns}` stands for the file's own namespace, and `{name}` for what an earlier step saved
 * under that name.
 */
export interface Step {
  /** `kubectl get pods -l 'app in (a, b)'`: words as a shell splits them, quotes included; no shell is there. */
  readonly run?: string;
  /** Given to standard input. */
  readonly stdin?: string;
  /** More variables of the environment: `{KUBE_EDITOR: ./edit.sh}`. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it prints to standard output is remembered under this name, and shown as `{name}` from then on. */
  readonly save?: string;
  /** Only what a case needs to be set up: it has to succeed, and is not compared. */
  readonly setup?: boolean;
  /** Repeated until its standard output has this text, for what a controller does in its own time. */
  readonly until?: string;
  /** Lines are compared in the order of the alphabet: generated names come in any. */
  readonly anyOrder?: boolean;
  /** Of `kubectl explain`, only fields and types are compared: descriptions are documentation, which we do not copy. */
  readonly fieldsOnly?: boolean;
  /** Instead of `run`: the name of a file to write, which commands then find beside them. */
  readonly file?: string;
  /** What to write into it; executable when it begins with `#!`. */
  readonly text?: string;
}

/** What a case needs: an API server without controllers, or a whole cluster with three nodes. */
export const settings = ['apiserver', 'cluster'] as const;
export type Setting = (typeof settings)[number];

export interface CaseFile {
  readonly setting: Setting;
  readonly name: string;
  readonly steps: readonly Step[];
}

export interface Recorded {
  readonly run: string;
  /** Null when it had to be ended. */
  readonly code: number | null;
  /** Lines, so that a change of the record reads well. */
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

/** What was recorded of one file. */
export interface Recording {
  /** The version of the kubectl that was used. */
  readonly kubectl: string;
  readonly commands: readonly Recorded[];
}

/** All case files of one setting, in the order of their names. */
export function readCases(folder: string, setting: Setting): readonly CaseFile[] {
  const cases = join(folder, 'cases', setting);
  return readdirSync(cases)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => ({
      setting,
      name: file.slice(0, -'.yaml'.length),
      steps: parse(readFileSync(join(cases, file), 'utf8')) as readonly Step[],
    }));
}

export function recordingPath(folder: string, { setting, name }: CaseFile): string {
  return join(folder, 'recorded', setting, `${name}.json`);
}

/** Throws when the file was never recorded. */
export function readRecording(folder: string, file: CaseFile): Recording {
  const path = recordingPath(folder, file);
  if (!existsSync(path))
    throw new Error(`${path} is not there: npm run parity:record -- --kubectl --setting ${file.setting} --only ${file.name}`);
  return JSON.parse(readFileSync(path, 'utf8')) as Recording;
}
