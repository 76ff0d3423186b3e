// The case files: what is asked, and where the real server's answers are kept.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { manualClock } from '../../src/clock/manual-clock.js';
import type { ClusterOptions } from '../../src/index.js';
import { established } from './established.js';
import type { Answer, Step, Target } from './exchange.js';
import { send } from './exchange.js';
import { normalise } from './normalise.js';
import { at } from './path.js';

/** How the server of a case file is started, where it is not as the others are. The reference was started anew with the flags of the same names. */
export interface CaseServer {
  readonly enableAdmissionPlugins?: readonly string[];
  readonly disableAdmissionPlugins?: readonly string[];
  /** A path in this folder. */
  readonly admissionControlConfigFile?: string;
  /** Our clock stands still: what is counted by the second does not depend on how fast the test is. */
  readonly stillClock?: boolean;
}

export interface CaseFile {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly server?: CaseServer;
}

export interface Recorded {
  readonly request: string;
  readonly answer: Answer;
}

/** All case files of the folder, in the order of their names. */
export function readCases(folder: string): readonly CaseFile[] {
  return readdirSync(join(folder, 'cases'))
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => ({ name: file.slice(0, -'.yaml'.length), ...contents(parse(readFileSync(join(folder, 'cases', file), 'utf8'))) }));
}

/** A list of steps, or a map with the steps and how the server is started. */
function contents(document: unknown): Pick<CaseFile, 'steps' | 'server'> {
  return Array.isArray(document) ? { steps: document as readonly Step[] } : (document as Pick<CaseFile, 'steps' | 'server'>);
}

/** The options of our server for a file of its own kind. @param folder of the case files */
export function serverOptions(
  folder: string,
  { stillClock = false, admissionControlConfigFile: path, ...flags }: CaseServer,
): ClusterOptions {
  return {
    ...flags,
    ...(path === undefined ? {} : { admissionControlConfigFile: join(folder, path) }),
    ...(stillClock ? { clock: manualClock() } : {}),
  };
}

/** Asks a server all steps of a file, in a namespace of its own, and returns the normalised answers of those that are compared. */
export async function runCase(target: Target, { steps }: CaseFile, namespace: string): Promise<readonly Recorded[]> {
  const saved = new Map<string, string>([['ns', namespace]]);
  const fill = (text: string): string => text.replace(/\{([a-z][A-Za-z0-9]*)\}/g, (whole, name: string) => saved.get(name) ?? whole);
  const setup: Step = { request: 'POST /api/v1/namespaces', body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } } };
  const created = await send(target, setup, fill);
  if (created.status !== 201) throw new Error(`the namespace ${namespace} could not be created: ${JSON.stringify(created.body)}`);
  const recorded: Recorded[] = [];
  for (const step of steps) {
    const answer = await send(target, step, fill).catch((error: unknown) => {
      throw new Error(`${step.request}: ${error instanceof Error ? error.message : String(error)}`);
    });
    for (const [name, path] of Object.entries(step.save ?? {})) saved.set(name, String(at(answer.body, path)));
    if (step.setup === true) {
      if (answer.status >= 400) throw new Error(`setting up with ${step.request} failed: ${JSON.stringify(answer.body)}`);
      await established(target, step, answer);
      continue;
    }
    // What a step saved before is of this server, like all that the answer itself brings: it does not stay.
    const asked = `${step.request} ${JSON.stringify(step.body ?? step.raw ?? '')} ${JSON.stringify(step.headers ?? {})}`;
    recorded.push({ request: step.request, answer: normalise(answer, { namespace, asked }) });
  }
  return recorded;
}
