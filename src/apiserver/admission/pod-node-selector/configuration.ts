// The configuration of PodNodeSelector. https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#podnodeselector
import { isRecord } from '../../../apimachinery/object.js';

export interface NodeSelectors {
  /** For namespaces whose annotation says nothing; '' for none. */
  readonly clusterDefault: string;
  /** What pods of a namespace may choose from, by the namespace's name. */
  readonly allowed: ReadonlyMap<string, string>;
}

const none: NodeSelectors = { clusterDefault: '', allowed: new Map() };

/** As the real server does, takes what is no such configuration for an empty one. */
export function readNodeSelectors(value: unknown): NodeSelectors {
  const selectors = isRecord(value) ? value['podNodeSelectorPluginConfig'] : undefined;
  if (!isRecord(selectors)) return none;
  const entries = Object.entries(selectors);
  if (!entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')) return none;
  const allowed = new Map(entries);
  const clusterDefault = allowed.get('clusterDefaultNodeSelector') ?? '';
  allowed.delete('clusterDefaultNodeSelector');
  return { clusterDefault, allowed };
}
