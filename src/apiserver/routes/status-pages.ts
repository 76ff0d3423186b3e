// `/statusz` and `/flagz`: pages for people who look for what is wrong.
// https://kubernetes.io/docs/reference/instrumentation/zpages/

export interface StatusFacts {
  /** `v1.36.3`. */
  readonly version: string;
  /** When the process began, in milliseconds since the epoch. */
  readonly started: number;
  /** The server's options by their names. */
  readonly flags: ReadonlyMap<string, string>;
}

const note = 'For people who look for what is wrong: not for programs, and it may change at any time.';

export function statusText({ version, started }: StatusFacts, clock: { now(): number }): string {
  const number = version.slice(1);
  const minor = number.split('.').slice(0, 2).join('.');
  const up = Math.max(0, Math.floor((clock.now() - started) / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  return [
    '',
    '',
    'apiserver statusz',
    note,
    '',
    `Started= ${new Date(started).toUTCString()}`,
    `Up= ${Math.floor(up / 3600)} hr ${two(Math.floor(up / 60) % 60)} min ${two(up % 60)} sec`,
    'Go version= none',
    `Binary version= ${number}`,
    `Emulation version= ${minor}`,
    'Paths= /flagz /healthz /livez /metrics /readyz /statusz /version',
    '',
  ].join('\n');
}

export function flagsText({ flags }: StatusFacts): string {
  const lines = [...flags].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name} ${value}`);
  return ['', '', 'apiserver flagz', note, ...lines, ''].join('\n');
}
