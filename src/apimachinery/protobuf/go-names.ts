// What fields are called in the real server's decoding errors: `proto: wrong wireType = 0 for field ObjectMeta`.

/** Words that are written in capitals where a name begins with them. */
const initialisms: ReadonlySet<string> = new Set([
  'api',
  'ca',
  'cpu',
  'csi',
  'dns',
  'fc',
  'fs',
  'http',
  'id',
  'ip',
  'nfs',
  'os',
  'rbd',
  'tls',
  'ttl',
  'uid',
  'uri',
  'url',
]);

export function goNameOf(name: string, type: string): string {
  if (name === 'metadata') return type.slice(type.lastIndexOf('.') + 1);
  let end = 0;
  while (end < name.length && name[end] === name[end]!.toLowerCase()) end++;
  const first = name.slice(0, end);
  return (initialisms.has(first) ? first.toUpperCase() : name.slice(0, 1).toUpperCase() + first.slice(1)) + name.slice(end);
}
