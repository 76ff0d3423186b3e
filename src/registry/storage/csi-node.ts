// The CSI drivers of a node. https://kubernetes-csi.github.io/docs/csi-node-object.html
import { isDeepStrictEqual } from 'node:util';
import type { CSINode, CSINodeDriver } from '../../../openapi/types/storage.v1.js';
import { duplicate, invalid, required } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { emptyListHooks } from '../rules/empty-lists.js';
import { checkQualifiedName, immutableText, needed, notNegative, each, type Errors } from '../rules/fields.js';
import { driverNameErrors } from './names.js';

const longestNodeId = 256;

function nodeIdErrors(field: string, id: string): Errors {
  return id.length > longestNodeId ? [invalid(field, id, `must be ${longestNodeId} characters or less`)] : [];
}

function topologyKeyErrors(field: string, keys: readonly string[] | undefined): Errors {
  const seen = new Set<string>();
  return (keys ?? []).flatMap((key) => {
    const errors: Errors[number][] = key === '' ? [required(field)] : [];
    if (seen.has(key)) errors.push(duplicate(field, key));
    else errors.push(...checkQualifiedName(field, key));
    seen.add(key);
    return errors;
  });
}

function validate(node: Draft<CSINode>): Errors {
  const names = new Set<string>();
  return each('spec.drivers', node.spec?.drivers, (field, driver) => {
    const errors = [
      ...needed(`${field}.name`, driver.name, driverNameErrors),
      ...needed(`${field}.nodeID`, driver.nodeID, nodeIdErrors),
      ...notNegative(`${field}.allocatable.count`, driver.allocatable?.count),
      ...topologyKeyErrors(field, driver.topologyKeys),
    ];
    const name = driver.name ?? '';
    if (names.has(name)) errors.push(duplicate(`${field}.name`, name));
    names.add(name);
    return errors;
  });
}

/** A driver may come, go and change how many volumes it takes; nothing else of it changes. */
function validateUpdate(node: Draft<CSINode>, old: Draft<CSINode>): Errors {
  const before = new Map((old.spec?.drivers ?? []).map((driver) => [driver.name, driver]));
  const identity = (driver: Draft<CSINodeDriver>): unknown => ({
    Name: driver.name ?? '',
    NodeID: driver.nodeID ?? '',
    TopologyKeys: driver.topologyKeys ?? null,
    Allocatable: null,
  });
  return (node.spec?.drivers ?? []).flatMap((driver) => {
    const last = before.get(driver.name);
    if (last === undefined || isDeepStrictEqual(identity(driver), identity(last))) return [];
    return [invalid('spec.drivers', identity(driver), immutableText)];
  });
}

export const csiNode: KindDefinition = {
  group: 'storage.k8s.io',
  version: 'v1',
  resource: 'csinodes',
  unconditionalUpdate: false,
  deleteReturnsObject: true,
  strategy: {
    ...emptyListHooks(['spec.drivers', 'spec.drivers[].topologyKeys']),
    validate: (object) => validate(object),
    validateUpdate: (object, old) => validateUpdate(object, old),
  },
  cells: (object, context) => [nameOf(object), (object as Draft<CSINode>).spec?.drivers?.length ?? 0, ageOf(object, context)],
};
