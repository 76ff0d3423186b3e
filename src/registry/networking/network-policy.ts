// Network policies. https://kubernetes.io/docs/concepts/services-networking/network-policies/
import type {
  IPBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from '../../../openapi/types/networking.v1.js';
import type { LabelSelector } from '../../../openapi/types/meta.v1.js';
import { fieldForbidden, invalid, required } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import { compileLabelSelector, SelectorError } from '../../apimachinery/selectors/labels.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { cidrErrors, cidrWarnings, isPort, isStrictSubset, parseCidr, portErrors, portNameErrors } from '../rules/addresses.js';
import { defaultsOf } from '../rules/defaults.js';
import { each, eachAlone, optionalOneOf, type Errors } from '../rules/fields.js';
import { labelSelectorErrors } from '../rules/selectors.js';

function portRuleErrors(field: string, rule: Draft<NetworkPolicyPort>): Errors {
  const { endPort, port } = rule;
  const errors = [...optionalOneOf(`${field}.protocol`, rule.protocol, ['TCP', 'UDP', 'SCTP'])];
  if (typeof port === 'number') {
    errors.push(...portErrors(`${field}.port`, port));
    if (endPort !== undefined) {
      if (endPort < port) errors.push(invalid(`${field}.endPort`, port, 'must be greater than or equal to `port`'));
      if (!isPort(endPort)) errors.push(...portErrors(`${field}.endPort`, endPort));
    }
  } else if (typeof port === 'string') {
    if (endPort !== undefined) errors.push(invalid(`${field}.endPort`, endPort, 'may not be specified when `port` is non-numeric'));
    errors.push(...portNameErrors(`${field}.port`, port));
  } else if (endPort !== undefined) {
    errors.push(invalid(`${field}.endPort`, endPort, 'may not be specified when `port` is not specified'));
  }
  return errors;
}

function blockErrors(field: string, block: Draft<IPBlock>): Errors {
  const text = block.cidr ?? '';
  if (text === '') return [required(`${field}.cidr`)];
  const errors = [...cidrErrors(`${field}.cidr`, text, false)];
  const outer = parseCidr(text);
  if (outer === undefined) return errors;
  return [
    ...errors,
    ...eachAlone(`${field}.except`, block.except, (path, value) => {
      const inner = parseCidr(value);
      const outside = inner !== undefined && !isStrictSubset(inner, outer);
      return [...cidrErrors(path, value, false), ...(outside ? [invalid(path, value, 'must be a strict subset of `cidr`')] : [])];
    }),
  ];
}

function peerErrors(field: string, peer: Draft<NetworkPolicyPeer>): Errors {
  const { ipBlock, namespaceSelector, podSelector } = peer;
  const errors = [
    ...labelSelectorErrors(`${field}.podSelector`, podSelector),
    ...labelSelectorErrors(`${field}.namespaceSelector`, namespaceSelector),
    ...(ipBlock === undefined ? [] : blockErrors(`${field}.ipBlock`, ipBlock)),
  ];
  const selectors = podSelector !== undefined || namespaceSelector !== undefined;
  if (!selectors && ipBlock === undefined) errors.push(required(field, 'must specify a peer'));
  else if (selectors && ipBlock !== undefined) errors.push(fieldForbidden(field, 'may not specify both ipBlock and another peer'));
  return errors;
}

function specErrors(spec: Draft<NetworkPolicySpec>): Errors {
  const errors = [
    ...labelSelectorErrors('spec.podSelector', spec.podSelector),
    ...eachAlone('spec.ingress', spec.ingress, (field, rule) => [
      ...eachAlone(`${field}.ports`, rule.ports, portRuleErrors),
      ...eachAlone(`${field}.from`, rule.from, peerErrors),
    ]),
    ...eachAlone('spec.egress', spec.egress, (field, rule) => [
      ...eachAlone(`${field}.ports`, rule.ports, portRuleErrors),
      ...eachAlone(`${field}.to`, rule.to, peerErrors),
    ]),
  ];
  const types = spec.policyTypes ?? [];
  if (types.length > 2) return [...errors, invalid('spec.policyTypes', types, 'may not specify more than two policyTypes')];
  return [...errors, ...each('spec.policyTypes', types, (field, type) => optionalOneOf(field, type, ['Ingress', 'Egress']))];
}

/** Warns of addresses that are not written as others write them. */
function blockWarnings(field: string, block: Draft<IPBlock> | undefined): readonly string[] {
  const values = [
    [`${field}.cidr`, block?.cidr ?? ''] as const,
    ...(block?.except ?? []).map((value, index) => [`${field}.except[${index}]`, value] as const),
  ];
  return values.flatMap(([at, value]) => cidrWarnings(at, value));
}

function warnings(spec: Draft<NetworkPolicySpec> | undefined): readonly string[] {
  const of = (field: string, peers: readonly Draft<NetworkPolicyPeer>[] | undefined): readonly string[] =>
    (peers ?? []).flatMap(({ ipBlock }, index) => blockWarnings(`${field}[${index}].ipBlock`, ipBlock));
  return [
    ...(spec?.ingress ?? []).flatMap(({ from }, index) => of(`spec.ingress[${index}].from`, from)),
    ...(spec?.egress ?? []).flatMap(({ to }, index) => of(`spec.egress[${index}].to`, to)),
  ];
}

function selectorText(selector: Draft<LabelSelector> | undefined): string {
  try {
    const text = compileLabelSelector((selector ?? {}) as LabelSelector).toString();
    return text === '' ? '<none>' : text;
  } catch (error) {
    if (error instanceof SelectorError) return '<error>';
    throw error;
  }
}

export const networkPolicy: KindDefinition = {
  group: 'networking.k8s.io',
  version: 'v1',
  resource: 'networkpolicies',
  generation: true,
  strategy: {
    applyDefaults: defaultsOf([
      ['spec.ingress[].ports[].protocol', 'TCP'],
      ['spec.egress[].ports[].protocol', 'TCP'],
      // A policy without types isolates ingress, and egress when it has egress rules.
      ['spec.policyTypes', (spec) => (Array.isArray(spec.egress) && spec.egress.length > 0 ? ['Ingress', 'Egress'] : ['Ingress'])],
    ]),
    validate: (object) => specErrors((object as Draft<NetworkPolicy>).spec ?? {}),
    warnings: (object) => warnings((object as Draft<NetworkPolicy>).spec),
  },
  cells: (object, context) => [nameOf(object), selectorText((object as Draft<NetworkPolicy>).spec?.podSelector), ageOf(object, context)],
};
