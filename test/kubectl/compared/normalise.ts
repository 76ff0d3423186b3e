// Takes out of what kubectl prints what differs between any two clusters: uids, times, revisions, generated names, addresses, ports.

export interface Known {
  /** What stands for what: the namespace for `{ns}`, saved texts for their names. */
  readonly names: ReadonlyMap<string, string>;
  /** The command line and its input: addresses and ports that it names stay. */
  readonly asked: string;
}

/** `12s`, `3m4s`, `2d`: an age as kubectl prints it. */
const age = String.raw`(?:\d+y)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+(?:\.\d+)?s)?(?<=\d[smhdy])`;
/** The letters of Kubernetes' own name generator. */
const letters = 'bcdf-hj-np-tv-xz2-9';

type Rule = readonly [pattern: RegExp, replacement: string | ((match: string, asked: string) => string)];

const unlessAsked =
  (replacement: string) =>
  (match: string, asked: string): string =>
    asked.includes(match) ? match : replacement;

const rules: readonly Rule[] = [
  // The real server prints the difference of two Go structures, which no client reads.
  [/(Forbidden: pod updates may not change fields [^\n]*)\n@@[^]*$/, '$1'],
  // Where `kubectl diff` keeps what it compares, and when.
  [/<folder>\/(LIVE|MERGED|kubectl-edit)-\d+/g, '<$1>'],
  [/^((?:---|\+\+\+) <(?:LIVE|MERGED)>\S+)\t.*$/gm, '$1'],
  [/(Expected resource version to be \d+, was )\d+/g, '$1<revision>'],
  // The log lines of client-go.
  [/^[EWI]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ [\w.]+:\d+\]/gm, '<log>'],
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, unlessAsked('<uid>')],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)/g, unlessAsked('<time>')],
  [/(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, '<time>'],
  [/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC/g, '<time>'],
  [/eyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}/g, '<token>'],
  [/((?:https?:\/\/)?127\.0\.0\.1):\d+/g, '$1:<port>'],
  [
    /\b10\.(?:9[6-9]|10\d|11[01])\.\d{1,3}\.\d{1,3}\b/g,
    (match, asked) => (asked.includes(match) || match === '10.96.0.1' ? match : '<address>'),
  ],
  // Of pods.
  [/\b10\.(?:0|244)\.\d{1,3}\.\d{1,3}\b/g, unlessAsked('<address>')],
  [/(?<=:)3[0-2]\d{3}(?=\/)/g, unlessAsked('<port>')],
  [/((?:nodePort|healthCheckNodePort)"?: |NodePort: +(?:\S+ +)?)3[0-2]\d{3}/g, '$1<port>'],
  [/(resourceVersion"?: ?)"[1-9]\d*"/g, '$1"<revision>"'],
  [/(Resource Version: +)\d+/g, '$1<revision>'],
  [/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access-<id>'],
  [new RegExp(String.raw`(pod-template-hash(?:=|"?: "?|",))[${letters}]{8,10}`, 'g'), '$1<hash>'],
  [new RegExp(String.raw`-[${letters}]{8,10}(?=-[${letters}]{5}\b|\b)`, 'g'), unlessAsked('-<hash>')],
  [
    new RegExp(String.raw`-(?!\d+\b)[${letters}]{5}\b`, 'g'),
    (match, asked) => (match === '-https' || asked.includes(match) ? match : '-<id>'),
  ],
  // The ends of an event's name are the time of its making.
  [/(?<=[a-z0-9>]\.)[0-9a-f]{16}\b/g, '<time>'],
  // An age stands in a column of its own, or in brackets after it.
  [new RegExp(String.raw`(?<=^|\s{2}|\d \(|over )${age}(?=$|\s{2}| \(|\))`, 'gm'), '<age>'],
];

/** The lines of the text, without the last, empty one. */
export function normalise(text: string, { names, asked }: Known): readonly string[] {
  let out = text;
  for (const [name, value] of [...names].sort(([, a], [, b]) => b.length - a.length)) {
    if (value !== '') out = out.replaceAll(value, `{${name}}`);
  }
  for (const [pattern, replacement] of rules) {
    out = typeof replacement === 'string' ? out.replace(pattern, replacement) : out.replace(pattern, (match) => replacement(match, asked));
  }
  // Where there is something normalised, the columns are of another width.
  const aligned = out
    .split('\n\n')
    .map((block) => (/<(?:age|time|uid|address|port|hash|id|revision|token)>|\{\w+\}/.test(block) ? realigned(block) : block))
    .join('\n\n');
  if (aligned === '') return [];
  return aligned.replace(/\n$/, '').split('\n');
}

function realigned(block: string): string {
  return block
    .split('\n')
    .map((line) => line.replace(/(?<=\S)(?: {2,}|\t+)(?=\S)/g, '  ').trimEnd())
    .join('\n');
}
