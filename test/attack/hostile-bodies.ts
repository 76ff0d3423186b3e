// A corpus of hostile bodies, by how they are written: each small enough to be sent by every verb, and each a way to hurt a careless server.

export interface HostileBody {
  readonly name: string;
  readonly body: string | Buffer;
}

const bodies = (all: Readonly<Record<string, string | Buffer>>): readonly HostileBody[] =>
  Object.entries(all).map(([name, body]) => ({ name, body }));

const nested = (open: string, inner: string, close: string, levels: number): string => open.repeat(levels) + inner + close.repeat(levels);
const many = (count: number, one: (index: number) => string, between = ','): string =>
  Array.from({ length: count }, (_, index) => one(index)).join(between);
const head = '"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"target"}';

export const hostileJson = bodies({
  nothing: '',
  'a NUL': '\0',
  'an open string': '"',
  'lists to the limit': nested('[', '', ']', 1000),
  'lists beyond the limit': nested('[', '', ']', 20_000),
  'objects beyond the limit': nested('{"a":', '1', '}', 20_000),
  'a deep label': `{${head},"data":{"a":${nested('[', '', ']', 900)}}}`,
  'a long number': `{${head},"immutable":${'9'.repeat(20_000)}}`,
  'a small number': `{${head},"immutable":1e-${'9'.repeat(50)}}`,
  'minus zero': `{"metadata":{"name":"target","generation":-0}}`,
  'the largest integers': `{"metadata":{"name":"target","generation":9223372036854775807,"deletionGracePeriodSeconds":-9223372036854775808}}`,
  prototypes: `{${head},"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"data":{"__proto__":"x","toString":"y"}}`,
  'prototypes in metadata': `{"metadata":{"name":"target","__proto__":{"polluted":1},"labels":{"__proto__":{"polluted":1}}}}`,
  'the same key often': `{${many(5000, () => '"data":{}')}}`,
  'keys by the thousand': `{${many(5000, (index) => `"k${index}":1`)}}`,
  'labels by the thousand': `{"metadata":{"name":"target","labels":{${many(1500, (index) => `"k${index}":"v"`)}}}}`,
  'lone surrogates': `{"metadata":{"name":"\\ud800","labels":{"\\udfff":"\\ud800\\ud800"}}}`,
  'no UTF-8': Buffer.from('7b226d65746164617461223a7b226e616d65223a22fffe80227d7d', 'hex'),
  'a byte order mark': `\ufeff{${head}}`,
  'UTF-16': Buffer.from(`{${head}}`, 'utf16le'),
  'much space': `{${head}${' '.repeat(200_000)}}`,
  'many finalizers': `{"metadata":{"name":"target","finalizers":[${many(1000, () => '"a/b"')}]}}`,
  'many owners': `{"metadata":{"name":"target","ownerReferences":[${many(
    400,
    () => '{"apiVersion":"v1","kind":"A","name":"b","uid":"c","controller":true}',
  )}]}}`,
  'many managers': `{"metadata":{"name":"target","managedFields":[${many(
    400,
    (index) => `{"manager":"m${index}","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"f:data":{}}}`,
  )}]}}`,
  'managed fields that are none': `{"metadata":{"name":"target","managedFields":[{"manager":"m","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"k:{}":{"v:":{"i:x":{}}}}}]}}`,
  'a patch of nulls': `{"metadata":null,"data":null,"kind":null,"apiVersion":null}`,
  'directives of patches': `{${head},"$patch":"delete","$retainKeys":["a"],"$setElementOrder/data":[1],"$deleteFromPrimitiveList/finalizers":["x"]}`,
  'operations by the thousand': `[${many(1500, (index) => `{"op":"add","path":"/data/k${index}","value":"v"}`)}]`,
  'copies of copies': `[{"op":"add","path":"/metadata/annotations","value":{"a":"${'x'.repeat(1000)}"}},${many(24, () => '{"op":"copy","from":"/metadata/annotations","path":"/metadata/annotations/b"}')}]`,
  'pointers into prototypes': `[{"op":"add","path":"/__proto__/polluted","value":1},{"op":"add","path":"/constructor/prototype/polluted","value":1}]`,
});

const bomb = (open: string, close: string, levels: number, width: number): string =>
  many(
    levels,
    (level) => `k${level}: &a${level} ${open}${many(width, (index) => (level === 0 ? `x${index}` : `*a${level - 1}`))}${close}`,
    '\n',
  );

export const hostileYaml = bodies({
  'a bomb of lists': bomb('[', ']', 10, 10),
  'a bomb of merges': `${many(12, (level) => `k${level}: &a${level} {${level === 0 ? 'x: y' : `<<: [${many(9, () => `*a${level - 1}`)}]`}}`, '\n')}`,
  'aliases by the thousand': `metadata: {name: target}\na: &a {b: c}\nb: [${many(5000, () => '*a')}]`,
  'itself inside': 'metadata: &a {name: target, labels: *a}',
  'brackets beyond the limit': nested('[', '', ']', 20_000),
  'dashes beyond the limit': `${'- '.repeat(20_000)}x`,
  'indentation beyond the limit': many(1500, (level) => `${' '.repeat(level)}a:`, '\n'),
  'questions beyond the limit': '? '.repeat(20_000),
  'anchors by the thousand': many(5000, (index) => `- &a${index} x`, '\n'),
  'documents by the thousand': '---\n'.repeat(20_000),
  'comments by the thousand': '#\n'.repeat(30_000),
  'colons by the thousand': ': '.repeat(30_000),
  'a key without an end': `${'x'.repeat(50_000)}: y`,
  'quotes without an end': `"${'x\n'.repeat(10_000)}`,
  'tags of programs': 'a: !!python/object/apply:os.system ["x"]\nb: !!js/function x\nc: !<tag:yaml.org,2002:js/undefined> x',
  prototypes: 'metadata: {name: target}\n__proto__: {polluted: 1}\nbase: &b {__proto__: {polluted: 1}}\nconstructor: {<<: *b}',
  'a number like no other': `metadata: {name: target, generation: ${'9'.repeat(5000)}}`,
  'octals and sixties': 'metadata: {name: 0777, generation: 190:20:30}',
  'control characters': 'metadata: {name: "\\0\\x07"}\ndata: {a: "\x07"}',
  'tabs for indentation': 'metadata:\n\tname: target',
  'blanks by the thousand': `metadata:\n${' '.repeat(100_000)}name: target`,
  'line ends of all kinds': 'metadata: {name: target}\r\rdata:\u2028  a: b\u0085',
  'directives by the thousand': '%TAG !e! tag:x\n'.repeat(5000),
});

const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
};
const field = (number: number, bytes: Buffer): Buffer => Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
const text = (number: number, value: string): Buffer => field(number, Buffer.from(value));

/** A body of this kind around a message. */
export function protobufBody(apiVersion: string, kind: string, message: Buffer): Buffer {
  return Buffer.concat([Buffer.from('k8s\0'), field(1, Buffer.concat([text(1, apiVersion), text(2, kind)])), field(2, message)]);
}

/** A config map with some data. */
export const protobufConfigMap = Buffer.concat([
  field(1, Buffer.concat([text(1, 'target'), field(11, Buffer.concat([text(1, 'app'), text(2, 'web')]))])),
  field(2, Buffer.concat([text(1, 'key'), text(2, 'value')])),
]);

const configMap = (message: Buffer): Buffer => protobufBody('v1', 'ConfigMap', message);
const deepMessage = (number: number, levels: number): Buffer => {
  let message: Buffer = Buffer.alloc(0);
  for (let level = 0; level < levels; level++) message = field(number, message);
  return message;
};

export const hostileProtobuf = bodies({
  nothing: '',
  'the beginning alone': 'k8s\0',
  'another beginning': 'k9s\0abc',
  JSON: `{${head}}`,
  'a length beyond the end': Buffer.from('6b3873000affffffff07', 'hex'),
  'a length below zero': Buffer.from('6b3873000affffffffffffffffff01', 'hex'),
  'a number without an end': Buffer.from(`6b387300${'80'.repeat(1000)}`, 'hex'),
  'a message in a message in a message': configMap(deepMessage(1, 5000)),
  'schemas in schemas': protobufBody('apiextensions.k8s.io/v1', 'CustomResourceDefinition', field(2, deepMessage(16, 5000))),
  'groups without an end': configMap(Buffer.alloc(100_000, 0x0b)),
  'the end of a group': configMap(Buffer.from([0x0c])),
  'field zero': configMap(Buffer.from([0, 0])),
  'wire types that do not exist': configMap(Buffer.from([0x0e, 0x0f])),
  'wrong wire types everywhere': configMap(Buffer.from([0x08, 1, 0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0x1d, 0, 0, 0, 0])),
  'the same field often': configMap(Buffer.concat(Array.from({ length: 5000 }, () => text(1, '')))),
  'keys by the thousand': configMap(Buffer.concat(Array.from({ length: 10_000 }, (_, index) => field(2, text(1, `k${index}`))))),
  prototypes: configMap(Buffer.concat([text(1, ''), field(2, Buffer.concat([text(1, '__proto__'), text(2, 'polluted')]))])),
  'text that is no UTF-8': configMap(field(1, Buffer.concat([field(1, Buffer.from([0xff, 0xfe])), field(3, Buffer.from([0xc3]))]))),
  'another kind': protobufBody('v1', 'Pod', protobufConfigMap),
  'no kind that exists': protobufBody('a/b/c', '__proto__', protobufConfigMap),
  'JSON in managed fields that is none': configMap(field(1, Buffer.concat([text(1, 'target'), field(17, field(7, text(1, '{')))]))),
});
