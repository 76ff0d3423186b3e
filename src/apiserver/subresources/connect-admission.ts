// Admission of connections: streams into containers, and proxies. https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#request
import type { Mutable } from '../../apimachinery/object.js';
import type { NodeType, SchemaField, SchemaNode } from '../../apimachinery/schema/node.js';
import type { Kind, UserInfo } from '../../registry/kind.js';
import type { ObjectForm } from '../admission/chain.js';
import type { AuditContext } from '../audit/context.js';
import type { Core } from '../core/core.js';
import type { ResourceRequestInfo } from '../request/request-info.js';

export interface Connection {
  readonly core: Core;
  readonly info: ResourceRequestInfo;
  readonly kind: Kind;
  readonly user: UserInfo;
  readonly parameters: URLSearchParams;
  readonly audit?: AuditContext | undefined;
}

/** The fields of a connection's options, by their types. */
type Options = Readonly<Record<string, 'text' | 'texts' | 'numbers' | 'flag'>>;

const streams: Options = { stdin: 'flag', stdout: 'flag', stderr: 'flag', tty: 'flag', container: 'text' };
const exec: Options = { ...streams, command: 'texts' };
const path: Options = { path: 'text' };

const connections: ReadonlyMap<string, readonly [kind: string, options: Options]> = new Map([
  ['pods/exec', ['PodExecOptions', exec]],
  ['pods/attach', ['PodAttachOptions', streams]],
  ['pods/portforward', ['PodPortForwardOptions', { ports: 'numbers' }]],
  ['pods/proxy', ['PodProxyOptions', path]],
  ['services/proxy', ['ServiceProxyOptions', path]],
  ['nodes/proxy', ['NodeProxyOptions', path]],
]);

/** Asks webhooks and policies about the connection. Resolves with the parameters as they made them. Rejects with an ApiError for a refusal. */
export async function admitConnection({ core, info, kind, user, parameters, audit }: Connection): Promise<URLSearchParams> {
  const { namespace, name, resource, subresource, rest } = info;
  const found = connections.get(`${resource}/${subresource}`);
  if (found === undefined) return parameters;
  const [optionsKind, options] = found;
  const form: ObjectForm = { apiVersion: 'v1', kind: optionsKind, schema: () => nodeOf(options) };
  const object: Mutable = { kind: optionsKind, apiVersion: 'v1', ...optionsOf(options, parameters) };
  if (options === path && (rest !== '' || info.path.endsWith('/'))) object['path'] = `/${rest}`;
  const before = JSON.stringify(object);
  await core.admission.admitSubresource({
    operation: 'CONNECT',
    kind,
    subresource,
    namespace,
    name,
    object,
    old: undefined,
    form,
    user,
    dryRun: false,
    warnings: [],
    audit,
  });
  return options === path || JSON.stringify(object) === before ? parameters : parametersOf(options, object);
}

function optionsOf(options: Options, parameters: URLSearchParams): Mutable {
  const object: Mutable = {};
  for (const [field, type] of Object.entries(options)) {
    const values = parameters.getAll(field);
    const [first] = values;
    if (first === undefined) continue;
    if (type === 'texts') object[field] = values;
    else if (type === 'numbers') object[field] = values.flatMap((value) => value.split(',')).map(Number);
    else if (type === 'text') object[field] = first;
    else if (first !== 'false' && first !== '0') object[field] = true;
  }
  return object;
}

function parametersOf(options: Options, object: Mutable): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const field of Object.keys(options)) {
    const value = object[field];
    for (const one of Array.isArray(value) ? (value as readonly unknown[]) : value === undefined ? [] : [value])
      parameters.append(field, String(one));
  }
  return parameters;
}

const nodes = new WeakMap<Options, SchemaNode>();

function nodeOf(options: Options): SchemaNode {
  let node = nodes.get(options);
  if (node === undefined) {
    const fields = new Map(
      Object.entries({ kind: 'text', apiVersion: 'text', ...options } as Options).map(([name, type]) => [name, fieldOf(name, type)]),
    );
    nodes.set(options, (node = { ...scalar('object'), fields }));
  }
  return node;
}

function fieldOf(name: string, type: Options[string]): SchemaField {
  const item = scalar(type === 'numbers' ? 'integer' : type === 'flag' ? 'boolean' : 'string');
  const node = type === 'texts' || type === 'numbers' ? { ...scalar('array'), items: item } : item;
  return {
    name,
    node,
    required: false,
    default: undefined,
    listType: 'atomic',
    listMapKeys: [],
    mapType: 'granular',
    patchStrategy: '',
    patchMergeKey: '',
    whenEmpty: 'omitted',
  };
}

function scalar(type: NodeType): SchemaNode {
  return { type, name: '', fields: new Map(), items: undefined, additional: undefined, format: undefined, enum: undefined };
}
