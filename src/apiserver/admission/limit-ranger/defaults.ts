// What a namespace's limit ranges give to the containers of a new pod. https://kubernetes.io/docs/concepts/policy/limit-range/
import type { LimitRange } from '../../../../openapi/types/core.v1.js';
import { isRecord, type Mutable } from '../../../apimachinery/object.js';
import { formatQuantity, parseQuantity } from '../../../apimachinery/quantity/quantity.js';

type Amounts = Readonly<Record<string, string | number>>;

const annotation = 'kubernetes.io/limit-ranger';
const kinds = [
  ['containers', 'container'],
  ['initContainers', 'init container'],
] as const;

/** Sets the requests and limits that containers do not name, and an annotation that tells which. Changes the pod. */
export function applyLimitRange({ spec }: LimitRange, pod: Mutable): void {
  const limits: Record<string, string | number> = {};
  const requests: Record<string, string | number> = {};
  for (const item of spec?.limits ?? []) {
    if (item.type !== 'Container') continue;
    Object.assign(limits, item.default);
    Object.assign(requests, item.defaultRequest);
  }
  const podSpec = pod['spec'];
  if (!isRecord(podSpec) || (Object.keys(limits).length === 0 && Object.keys(requests).length === 0)) return;
  const told: string[] = [];
  for (const [list, word] of kinds) {
    const containers = podSpec[list];
    if (!Array.isArray(containers)) continue;
    for (const container of containers as unknown[]) if (isRecord(container)) told.push(...fill(container, word, requests, limits));
  }
  if (told.length === 0) return;
  const metadata: Mutable = isRecord(pod['metadata']) ? pod['metadata'] : (pod['metadata'] = {});
  const annotations = isRecord(metadata['annotations']) ? metadata['annotations'] : {};
  metadata['annotations'] = { ...annotations, [annotation]: `LimitRanger plugin set: ${told.join('; ')}` };
}

function fill(container: Mutable, word: string, requests: Amounts, limits: Amounts): string[] {
  const resources: Mutable = isRecord(container['resources']) ? container['resources'] : {};
  const name = typeof container['name'] === 'string' ? container['name'] : '';
  const told: string[] = [];
  for (const [part, what, defaults] of [
    ['requests', 'request', requests],
    ['limits', 'limit', limits],
  ] as const) {
    const own = isRecord(resources[part]) ? resources[part] : {};
    const added = Object.keys(defaults).filter((resource) => own[resource] === undefined);
    if (added.length === 0) continue;
    resources[part] = {
      ...own,
      ...Object.fromEntries(added.map((resource) => [resource, formatQuantity(parseQuantity(defaults[resource]!))])),
    };
    told.push(`${added.sort().join(', ')} ${what} for ${word} ${name}`);
  }
  if (told.length > 0) container['resources'] = resources;
  return told;
}
