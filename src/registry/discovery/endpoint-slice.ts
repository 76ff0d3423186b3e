// Endpoint slices. https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/
import { isDeepStrictEqual } from 'node:util';
import type { Endpoint, EndpointPort, EndpointSlice } from '../../../openapi/types/discovery.v1.js';
import { duplicate, invalid, required, tooMany } from '../../apimachinery/errors/field-error.js';
import type { Draft, KubeObject, Mutable } from '../../apimachinery/object.js';
import { isRecord } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { addressErrors, addressFamily, specialAddressErrors } from '../rules/addresses.js';
import { defaultsOf } from '../rules/defaults.js';
import { emptyListsAsNull } from '../rules/empty-lists.js';
import { labelValueProblems } from '../../apimachinery/names/names.js';
import {
  check,
  checkLabelName,
  checkQualifiedName,
  checkSubdomain,
  each,
  immutable,
  needed,
  oneOf,
  optionalOneOf,
  type Errors,
} from '../rules/fields.js';

const addressTypes = ['FQDN', 'IPv4', 'IPv6'];
const mostAddresses = 100;
const mostEndpoints = 1000;
const mostPorts = 20000;
const mostHints = 8;

function endpointAddressErrors(field: string, endpoint: Draft<Endpoint>, addressType: string): Errors {
  const addresses = endpoint.addresses ?? [];
  if (addresses.length === 0) return [required(field, 'must contain at least 1 address')];
  if (addresses.length > mostAddresses) return [tooMany(field, addresses.length, mostAddresses)];
  if (!addressTypes.includes(addressType)) return [];
  return each(field, addresses, (path, address) => {
    if (addressType === 'FQDN') return domainErrors(path, address);
    const broken = addressErrors(path, address);
    if (broken.length > 0) return broken;
    const wrong = addressType === 'IPv4' ? 'must be an IPv4 address' : 'must be an IPv6 address';
    return [...(addressFamily(address) === addressType ? [] : [invalid(field, address, wrong)]), ...specialAddressErrors(path, address)];
  });
}

function domainErrors(field: string, domain: string): Errors {
  const broken = checkSubdomain(field, domain);
  if (broken.length > 0 || domain.includes('.')) return broken;
  return [invalid(field, domain, 'should be a domain with at least two segments separated by dots')];
}

type Hints = readonly { readonly name?: string | undefined }[] | undefined;

/** Zones or nodes that an endpoint is for: a few, each once. */
function hintErrors(field: string, hints: Hints, checkName: (field: string, name: string) => Errors): Errors {
  if ((hints?.length ?? 0) > mostHints) return [tooMany(field, hints!.length, mostHints)];
  const seen = new Set<string>();
  return each(field, hints, (path, { name = '' }) => {
    const at = `${path}.name`;
    const again = seen.has(name) ? [duplicate(at, name)] : [];
    seen.add(name);
    return [...again, ...checkName(at, name)];
  });
}

const checkZone = (field: string, name: string): Errors => check(field, name, labelValueProblems);

function endpointErrors(field: string, endpoint: Draft<Endpoint>, addressType: string): Errors {
  const { nodeName, hostname, hints } = endpoint;
  return [
    ...endpointAddressErrors(`${field}.addresses`, endpoint, addressType),
    ...(nodeName === undefined ? [] : checkSubdomain(`${field}.nodeName`, nodeName)),
    ...(hostname === undefined ? [] : checkLabelName(`${field}.hostname`, hostname)),
    ...hintErrors(`${field}.hints.forZones`, hints?.forZones, checkZone),
    ...hintErrors(`${field}.hints.forNodes`, hints?.forNodes, checkSubdomain),
  ];
}

function portErrors(ports: readonly Draft<EndpointPort>[] | undefined): Errors {
  const seen = new Set<string>();
  return each('ports', ports, (field, { name = '', protocol, appProtocol }) => {
    const errors: Errors[number][] = name === '' ? [] : [...checkLabelName(`${field}.name`, name)];
    if (seen.has(name)) errors.push(duplicate(`${field}.name`, name));
    seen.add(name);
    errors.push(...optionalOneOf(`${field}.protocol`, protocol, ['SCTP', 'TCP', 'UDP']));
    if (appProtocol !== undefined) errors.push(...checkQualifiedName(`${field}.appProtocol`, appProtocol));
    return errors;
  });
}

function endpointsErrors(slice: Draft<EndpointSlice>): Errors {
  // Lists that the API requires are null when they were not sent.
  const endpoints = slice.endpoints ?? [];
  if (endpoints.length > mostEndpoints) return [tooMany('endpoints', endpoints.length, mostEndpoints)];
  return each('endpoints', endpoints, (field, endpoint) => endpointErrors(field, endpoint, slice.addressType ?? ''));
}

/** Endpoints that a replacement leaves as they are were right when they came. */
function validate(slice: Draft<EndpointSlice>, old: Draft<EndpointSlice> | undefined): Errors {
  const ports = slice.ports ?? [];
  const same = old !== undefined && isDeepStrictEqual(slice.endpoints, old.endpoints);
  return [
    ...needed('addressType', slice.addressType, (field, value) => oneOf(field, value, addressTypes)),
    ...(ports.length > mostPorts ? [tooMany('ports', ports.length, mostPorts)] : portErrors(ports)),
    ...(same ? [] : endpointsErrors(slice)),
  ];
}

function dropTopology(draft: Mutable): void {
  if (!Array.isArray(draft.endpoints)) return;
  for (const endpoint of draft.endpoints as unknown[]) if (isRecord(endpoint)) delete endpoint.deprecatedTopology;
}

/** Labels say which service a slice is of, so their change counts as a change of the slice. */
function labelsChanged(draft: Mutable, old: KubeObject): boolean {
  const labels = isRecord(draft.metadata) ? draft.metadata.labels : undefined;
  return !isDeepStrictEqual(labels ?? {}, old.metadata.labels ?? {});
}

const shown = 3;

function listText(values: readonly string[]): string {
  if (values.length === 0) return '<unset>';
  return values.length > shown ? `${values.slice(0, shown).join(',')} + ${values.length - shown} more...` : values.join(',');
}

function portText({ port, name = '' }: Draft<EndpointPort>): string {
  return port === undefined ? name : String(port);
}

const fillPorts = defaultsOf([
  ['ports[].name', ''],
  ['ports[].protocol', 'TCP'],
]);
const nullLists = emptyListsAsNull(['endpoints', 'ports']);

export const endpointSlice: KindDefinition = {
  group: 'discovery.k8s.io',
  version: 'v1',
  resource: 'endpointslices',
  generation: true,
  strategy: {
    applyDefaults: (draft) => fillPorts(draft),
    prepareForCreate: (draft) => {
      dropTopology(draft);
      nullLists(draft);
    },
    prepareForUpdate: (draft, old) => {
      dropTopology(draft);
      nullLists(draft);
      if (labelsChanged(draft, old) && isRecord(draft.metadata)) draft.metadata.generation = (old.metadata.generation ?? 0) + 1;
    },
    validate: (object, old) => validate(object, old),
    validateUpdate: (object, old) =>
      immutable('addressType', (object as Draft<EndpointSlice>).addressType, (old as Draft<EndpointSlice>).addressType),
    warnings: (object, old) =>
      old === undefined && (object as Draft<EndpointSlice>).addressType === 'FQDN'
        ? ['spec.addressType: FQDN endpoints are deprecated']
        : [],
  },
  cells: (object, context) => {
    const { addressType = '', endpoints, ports } = object as Draft<EndpointSlice>;
    return [
      nameOf(object),
      addressType,
      // A port without number and name stands for all ports and is shown as none.
      listText((ports ?? []).map(portText).filter((text) => text !== '')),
      listText((endpoints ?? []).flatMap(({ addresses }) => addresses ?? [])),
      ageOf(object, context),
    ];
  },
};
