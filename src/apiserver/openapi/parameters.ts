// The parameters of operations, recorded from a real server: query parameters by action, and those of subresources.

/** One parameter. */
export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path';
  readonly type: 'string' | 'integer' | 'boolean';
  /** What follows the name where version 2 shares the parameter (`#/parameters/<name>-<shared>`); undefined where it is written out. */
  readonly shared: string | undefined;
}

/** A key says which of several parameters of one name is meant: `container@exec`. */
export type ParameterKey = string;

const table: readonly (readonly [ParameterKey, Parameter['type'], string?])[] = [
  ['allowWatchBookmarks', 'boolean', 'HC2hJt-J'],
  ['command', 'string', 'Py3eQybp'],
  ['container@attach', 'string', '_Q-EJ3nR'],
  ['container@exec', 'string', 'i5dOmRiM'],
  ['container@log', 'string', '1GeXxFDC'],
  ['continue', 'string', 'QfD61s0i'],
  ['dryRun', 'string'],
  ['fieldManager', 'string', 'Qy4HdaTW'],
  ['fieldManager@patch', 'string', '7c6nTn1T'],
  ['fieldSelector', 'string', 'xIcQKXFG'],
  ['fieldValidation', 'string'],
  ['follow', 'boolean', '9OIXh_2R'],
  ['force', 'boolean', 'tOGGb0Yi'],
  ['gracePeriodSeconds', 'integer', '-K5HaBOS'],
  ['ignoreStoreReadErrorWithClusterBreakingPotential', 'boolean', 'QbNkfIqj'],
  ['insecureSkipTLSVerifyBackend', 'boolean', 'gM00jVbe'],
  ['labelSelector', 'string', '5Zw57w4C'],
  ['limit', 'integer', '1NfNmdNH'],
  ['limitBytes', 'integer', 'zwd1RXuc'],
  ['orphanDependents', 'boolean', 'uRB25kX5'],
  ['path@nodes', 'string', 'rFDtV0x9'],
  ['path@pods', 'string', 'oPbzgLUj'],
  ['path@services', 'string', 'QCf0eosM'],
  ['ports', 'integer', '91KROJmm'],
  ['pretty', 'string', 'tJGM1-ng'],
  ['previous', 'boolean', '1jxDPu3y'],
  ['propagationPolicy', 'string', '6jk3prlO'],
  ['resourceVersion', 'string', '5WAnf1kx'],
  ['resourceVersionMatch', 'string', 't8XhRHeC'],
  ['sendInitialEvents', 'boolean', 'rLXlEK_k'],
  ['shardSelector', 'string', 'Kgyki_3_'],
  ['sinceSeconds', 'integer', 'vE2NLdnP'],
  ['stderr@attach', 'boolean', '26jJhFUR'],
  ['stderr@exec', 'boolean', 'W_1TNlWc'],
  ['stdin@attach', 'boolean', 'sEFnN3IS'],
  ['stdin@exec', 'boolean', 'PSzNhyUC'],
  ['stdout@attach', 'boolean', '005YMKE6'],
  ['stdout@exec', 'boolean', '-EZLRwV1'],
  ['stream', 'string', 'l-48cgXv'],
  ['tailLines', 'integer', '9xQLWHMV'],
  ['timeoutSeconds', 'integer', 'yvYezaOC'],
  ['timestamps', 'boolean', 'c17fW1w_'],
  ['tty@attach', 'boolean', 'g7MlET_l'],
  ['tty@exec', 'boolean', 's0flW37O'],
  ['watch', 'boolean', 'XNNPZGbK'],
];

/** All parameters by key; those of the path are `{name}`, `{namespace}` and `{path}`. */
export const parameters: ReadonlyMap<ParameterKey, Parameter> = new Map<ParameterKey, Parameter>([
  ...table.map(([key, type, shared]): [ParameterKey, Parameter] => [key, { name: key.replace(/@.*/, ''), in: 'query', type, shared }]),
  ['{name}', { name: 'name', in: 'path', type: 'string', shared: undefined }],
  ['{namespace}', { name: 'namespace', in: 'path', type: 'string', shared: 'vgWSWtn3' }],
  ['{path}', { name: 'path', in: 'path', type: 'string', shared: 'z6Ciiujn' }],
]);

/** In the order of their names, as documents list them; of one name, the path's comes first. */
export function sortedParameters(keys: Iterable<ParameterKey>): readonly Parameter[] {
  return [...keys]
    .map((key) => parameters.get(key)!)
    .sort((a, b) => (a.name === b.name ? (a.in < b.in ? -1 : 1) : a.name < b.name ? -1 : 1));
}

const selecting = ['continue', 'fieldSelector', 'labelSelector', 'limit', 'resourceVersion', 'resourceVersionMatch'];
const streaming = ['sendInitialEvents', 'shardSelector', 'timeoutSeconds'];
const deleting = [
  'dryRun',
  'gracePeriodSeconds',
  'ignoreStoreReadErrorWithClusterBreakingPotential',
  'orphanDependents',
  'propagationPolicy',
];

/** By action. */
export const byAction = {
  list: ['allowWatchBookmarks', ...selecting, ...streaming, 'watch'],
  deletecollection: [...selecting, ...streaming, ...deleting],
  delete: deleting,
  write: ['dryRun', 'fieldManager', 'fieldValidation'],
  patch: ['dryRun', 'fieldManager@patch', 'fieldValidation', 'force'],
} as const satisfies Readonly<Record<string, readonly ParameterKey[]>>;

/** Of subresources with parameters of their own, by resource and subresource. */
export const bySubresource: Readonly<Record<string, readonly ParameterKey[]>> = {
  'pods/attach': ['container@attach', 'stderr@attach', 'stdin@attach', 'stdout@attach', 'tty@attach'],
  'pods/exec': ['command', 'container@exec', 'stderr@exec', 'stdin@exec', 'stdout@exec', 'tty@exec'],
  'pods/log': [
    'container@log',
    'follow',
    'insecureSkipTLSVerifyBackend',
    'limitBytes',
    'previous',
    'sinceSeconds',
    'stream',
    'tailLines',
    'timestamps',
  ],
  'pods/portforward': ['ports'],
  'pods/proxy': ['path@pods'],
  'services/proxy': ['path@services'],
  'nodes/proxy': ['path@nodes'],
};
