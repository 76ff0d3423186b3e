// The paths of a kind with what can be done at each, as OpenAPI tells it.
import { apiPath } from '../../registry/facts.js';
import type { Kind, SubresourceFacts } from '../../registry/kind.js';
import { OperationWriter, type Method, type Operation } from './operations.js';
import { byAction, bySubresource, type ParameterKey } from './parameters.js';

/** One path. */
export interface PathModel {
  readonly path: string;
  /** Those of all operations. */
  readonly parameters: readonly ParameterKey[];
  readonly operations: readonly Operation[];
}

/** The paths of a kind, each once. */
export function pathsOf(kind: Kind): readonly PathModel[] {
  const root = apiPath(kind.group, kind.version);
  const collection = kind.namespaced ? `${root}/namespaces/{namespace}/${kind.resource}` : `${root}/${kind.resource}`;
  const scope = kind.namespaced ? ['{namespace}'] : [];
  const can = (verb: string): boolean => kind.verbs.includes(verb);
  const write = new OperationWriter(kind);
  const list = (part: '' | 'ForAllNamespaces'): readonly Operation[] => (can('list') ? [write.list(part)] : []);

  const paths = [
    model(
      collection,
      [...scope, 'pretty'],
      [...list(''), ...(can('create') ? [write.create()] : []), ...(can('deletecollection') ? [write.deleteCollection()] : [])],
    ),
    model(`${collection}/{name}`, [...scope, '{name}', 'pretty'], write.single(kind.verbs)),
    ...[...kind.subresources.values()].flatMap((one) => subresourcePaths(write, `${collection}/{name}/${one.name}`, scope, one)),
  ];
  if (kind.namespaced && can('list')) paths.push(model(`${root}/${kind.resource}`, ['pretty'], list('ForAllNamespaces')));
  // The old way to watch, by path. Custom resources came after it.
  if (can('watch') && kind.customSchema === undefined) {
    const watched = collection.replace(root, `${root}/watch`);
    const common = [...byAction.list, 'pretty'];
    paths.push(model(watched, [...scope, ...common], [write.watch('watchlist', 'List')]));
    paths.push(model(`${watched}/{name}`, [...scope, '{name}', ...common], [write.watch('watch', '')]));
    if (kind.namespaced) paths.push(model(`${root}/watch/${kind.resource}`, common, [write.watch('watchlist', 'ListForAllNamespaces')]));
  }
  return paths.filter(({ operations }) => operations.length > 0);
}

function subresourcePaths(
  write: OperationWriter,
  path: string,
  scope: readonly ParameterKey[],
  facts: SubresourceFacts,
): readonly PathModel[] {
  const own = bySubresource[`${write.kind.resource}/${facts.name}`] ?? [];
  const common = [...scope, '{name}', ...own];
  if (write.kind.customSchema !== undefined || !facts.kind.endsWith('Options')) {
    return [model(path, [...common, 'pretty'], write.subresource(facts))];
  }
  const methods = facts.verbs.map((verb) => methodOf[verb]!);
  if (facts.name !== 'proxy') return [model(path, common, write.connect(facts, methods, ''))];
  const all: readonly Method[] = [...methods, 'options', 'head'];
  return [
    model(path, common, write.connect(facts, all, '')),
    model(`${path}/{path}`, [...common, '{path}'], write.connect(facts, all, 'WithPath')),
  ];
}

const methodOf: Readonly<Record<string, Method>> = { get: 'get', create: 'post', update: 'put', patch: 'patch', delete: 'delete' };

/** A path with its operations; parameters that all operations have belong to the path. */
function model(path: string, common: readonly ParameterKey[], operations: readonly Operation[]): PathModel {
  const shared =
    operations.length === 0 ? [] : operations[0]!.parameters.filter((key) => operations.every((one) => one.parameters.includes(key)));
  return {
    path,
    parameters: [...common, ...shared],
    operations: operations.map((one) =>
      shared.length === 0 ? one : { ...one, parameters: one.parameters.filter((key) => !shared.includes(key)) },
    ),
  };
}
