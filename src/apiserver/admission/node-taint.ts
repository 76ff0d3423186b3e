// TaintNodesByCondition: what a new node carries from the start.
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#taintnodesbycondition
import { isRecord, type Mutable } from '../../apimachinery/object.js';
import type { AdmissionPlugin } from './chain.js';

const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

/** Nothing is scheduled to a new node until it says that it is ready. */
export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  handles: ({ operation, kind, subresource }) =>
    operation === 'CREATE' && kind.group === '' && kind.resource === 'nodes' && subresource === '',
  admit: ({ object }) => {
    if (object === undefined) return;
    const spec: Mutable = isRecord(object['spec']) ? object['spec'] : {};
    const taints: unknown[] = Array.isArray(spec['taints']) ? spec['taints'] : [];
    if (taints.some((taint) => isRecord(taint) && taint['key'] === notReady.key && taint['effect'] === notReady.effect)) return;
    object['spec'] = { ...spec, taints: [...taints, notReady] };
  },
};
