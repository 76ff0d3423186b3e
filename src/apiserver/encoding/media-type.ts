// Which form of an answer a client asks for. https://kubernetes.io/docs/reference/using-api/api-concepts/#alternate-representations-of-resources
import { notAcceptable, type ApiError } from '../../apimachinery/errors/api-error.js';
import { protobufMediaType } from '../../apimachinery/protobuf/codec.js';

export type Form = 'object' | 'table' | 'metadata';

export type Encoding = 'json' | 'yaml' | 'protobuf';

export interface Representation {
  readonly form: Form;
  readonly encoding: Encoding;
  /** Indented, as `kubectl get --raw` and curl show it. */
  readonly pretty: boolean;
  /** Of a Table or of metadata: the version of meta.k8s.io that is asked for; absent: v1. */
  readonly metaVersion?: 'v1beta1' | undefined;
  /** Of metadata: whether a list of it is asked for. */
  readonly list?: boolean | undefined;
}

/** The apiVersion of the objects of meta.k8s.io that an answer is made of. */
export function metaApiVersion({ metaVersion }: Representation): string {
  return metaVersion === undefined ? 'meta.k8s.io/v1' : 'meta.k8s.io/v1beta1';
}

/** What is asked for. */
export interface Wanted {
  readonly accept: string | undefined;
  readonly userAgent: string;
  /** The query's `pretty`. */
  readonly pretty: string | null;
}

/** What the resource can be shown as. */
export interface Shown {
  readonly watch: boolean;
  /** Custom resources have no protobuf form but for their metadata. */
  readonly custom: boolean;
  /** Whether the path could be watched as well, which one error says: of lists and watches. */
  readonly watchable?: boolean;
  /** Whether there is no Table of it: of what is only created (reviews, evictions, tokens). */
  readonly noTable?: boolean;
}

export const mediaTypes: Readonly<Record<Encoding, string>> = {
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: protobufMediaType,
};

const encodings: Readonly<Record<string, Encoding>> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  [protobufMediaType]: 'protobuf',
  '*/*': 'json',
};
const forms: Readonly<Record<string, Form>> = { Table: 'table', PartialObjectMetadata: 'metadata', PartialObjectMetadataList: 'metadata' };

const plain: Representation = { form: 'object', encoding: 'json', pretty: false };
const plainPretty: Representation = { ...plain, pretty: true };

const offered = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
const offeredToWatch = 'application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch';

/** The best form of the `Accept` header that the resource has. Throws an ApiError 406 when it has none. */
export function negotiate(wanted: Wanted, shown: Shown): Representation {
  const { accept } = wanted;
  const pretty = wantsPretty(wanted);
  if (accept === undefined || isPlain(accept)) return pretty ? plainPretty : plain;
  const clauses = clausesOf(accept);
  for (const clause of clauses) {
    const encoding = encodingOf(clause);
    if (encoding === undefined || !isStream(clause)) continue;
    const found = formOf(clause, encoding, shown, clause.pretty ?? pretty);
    if (found === undefined) continue;
    if (shown.watch && encoding === 'yaml') throw notAcceptable(`only the following media types are accepted: ${offeredToWatch}`);
    return found;
  }
  throw refused(clauses, shown);
}

/** Whether JSON is asked for in the words of nearly all clients: not worth a closer look. */
function isPlain(accept: string): boolean {
  return accept === 'application/json, */*' || accept === 'application/json' || accept === '*/*' || accept === '';
}

/** What a clause asks for; undefined when the resource has no such form. */
function formOf(
  { as, group, version }: Clause,
  encoding: Encoding,
  { custom, noTable }: Shown,
  pretty: boolean,
): Representation | undefined {
  if (as === '') {
    if (group !== '' || version !== '' || (custom && encoding === 'protobuf')) return undefined;
    return { form: 'object', encoding, pretty };
  }
  const form = Object.hasOwn(forms, as) ? forms[as] : undefined;
  if (form === undefined || group !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return undefined;
  if (form === 'table' && (noTable === true || encoding === 'protobuf')) return undefined;
  const list = form === 'table' ? undefined : as.endsWith('List');
  return { form, encoding, pretty, metaVersion: version === 'v1' ? undefined : version, list };
}

/** The error of a list that was asked for as one object's metadata, or the other way round. `type` is the real server's name of what there is. */
export function checkMetadataForm({ form, list: asked }: Representation, list: boolean, type: string): void {
  if (form !== 'metadata' || asked === undefined || asked === list) return;
  throw notAcceptable(
    list
      ? `you requested PartialObjectMetadata, but the requested object is a list (*${type}List)`
      : `you requested PartialObjectMetadataList, but the requested object is not a list (*${type})`,
  );
}

/** How an error is shown: what the client would take a Status in, and indented JSON when it takes nothing that we have. */
export function negotiateStatus(wanted: Wanted): Representation {
  const { accept } = wanted;
  const pretty = wantsPretty(wanted);
  if (accept === undefined || isPlain(accept)) return pretty ? plainPretty : plain;
  for (const clause of clausesOf(accept)) {
    const encoding = clause.type === 'application/*' ? 'json' : encodingOf(clause);
    if (encoding !== undefined && isStream(clause) && clause.as === '' && clause.group === '' && clause.version === '')
      return { form: 'object', encoding, pretty: clause.pretty ?? pretty };
  }
  return plainPretty;
}

function refused(clauses: readonly Clause[], { custom, watchable }: Shown): ApiError {
  if (custom || clauses.some((clause) => encodingOf(clause) !== undefined)) {
    return notAcceptable(`only the following media types are accepted: ${offered}`);
  }
  const all = watchable === true ? `${offered}, ${offeredToWatch}` : offered;
  return notAcceptable(`406: Not Acceptable\n\nAvailable representations: ${all}`, {});
}

/** The words for true in a query that the real server knows; any other is false. */
const truths: ReadonlySet<string> = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);

function wantsPretty({ pretty, userAgent }: Wanted): boolean {
  if (pretty !== null && pretty !== '') return truths.has(pretty);
  return userAgent.startsWith('curl') || userAgent.startsWith('Wget') || userAgent.startsWith('Mozilla/5.0');
}

/** One part of an `Accept` header. */
interface Clause {
  readonly type: string;
  readonly quality: number;
  /** `as`, `g` and `v`: the kind that the answer is to be turned into. */
  readonly as: string;
  readonly group: string;
  readonly version: string;
  readonly stream: string;
  readonly pretty: boolean | undefined;
}

/** Longer headers are cut. */
const longestAccept = 2000;

/** By quality, and wildcards after what is named; else in the order of the header. */
function clausesOf(accept: string): readonly Clause[] {
  const clauses = accept.slice(0, longestAccept).split(',').map(clauseOf);
  if (clauses.length === 1) return clauses;
  return clauses.sort((a, b) => b.quality - a.quality || wildness(a) - wildness(b));
}

function wildness({ type }: Clause): number {
  if (type.startsWith('*')) return 2;
  return type.endsWith('/*') ? 1 : 0;
}

function clauseOf(text: string): Clause {
  if (!text.includes(';')) return { type: text.trim(), quality: 1, as: '', group: '', version: '', stream: '', pretty: undefined };
  const [type = '', ...parameters] = text.split(';').map((one) => one.trim());
  const values = new Map<string, string>();
  for (const parameter of parameters) {
    const equals = parameter.indexOf('=');
    if (equals > 0) values.set(parameter.slice(0, equals).trim(), parameter.slice(equals + 1).trim());
  }
  const quality = Number(values.get('q') ?? 1);
  return {
    type,
    quality: Number.isNaN(quality) ? 0 : quality,
    as: values.get('as') ?? '',
    group: values.get('g') ?? '',
    version: values.get('v') ?? '',
    stream: values.get('stream') ?? '',
    pretty: values.get('pretty') === '1' ? true : undefined,
  };
}

function encodingOf({ type }: Clause): Encoding | undefined {
  return Object.hasOwn(encodings, type) ? encodings[type] : undefined;
}

/** `stream=watch` may stand anywhere, no other stream. YAML has none. */
function isStream(clause: Clause): boolean {
  return clause.stream === '' || (clause.stream === 'watch' && clause.type !== 'application/yaml');
}
