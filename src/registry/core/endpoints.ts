// Endpoints, the older form of EndpointSlices. https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoints-v1/
import type { EndpointAddress, Endpoints, EndpointPort, EndpointSubset } from '../../../openapi/types/core.v1.js';
import { invalid, notSupported, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import type { KubeObject } from '../../apimachinery/object.js';
import { eachApart } from '../../clock/apart.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { addressFamily, givenAddressErrors, portErrors, specialAddressErrors } from '../rules/addresses.js';
import { metadataAgain } from './metadata-again.js';
import { defaultsOf } from '../rules/defaults.js';
import { checkLabelName, checkQualifiedName, checkSubdomain } from '../rules/fields.js';

const protocols = ['SCTP', 'TCP', 'UDP'];
const mostShown = 3;

function checkAddress(errors: FieldError[], field: string, { ip = '', hostname, nodeName }: EndpointAddress): void {
  errors.push(...givenAddressErrors(`${field}.ip`, ip));
  if (addressFamily(ip) === undefined) errors.push(invalid(`${field}.ip`, ip, 'must be a valid IP address'));
  else errors.push(...specialAddressErrors(`${field}.ip`, ip));
  if (hostname) errors.push(...checkLabelName(`${field}.hostname`, hostname));
  if (nodeName) errors.push(...checkSubdomain(`${field}.nodeName`, nodeName));
}

function checkPort(errors: FieldError[], field: string, { name, port, protocol, appProtocol }: EndpointPort, named: boolean): void {
  if (name) errors.push(...checkLabelName(`${field}.name`, name));
  else if (named) errors.push(required(`${field}.name`));
  errors.push(...portErrors(`${field}.port`, port ?? 0));
  if (protocol !== undefined && !protocols.includes(protocol)) errors.push(notSupported(`${field}.protocol`, protocol, protocols));
  if (appProtocol) errors.push(...checkQualifiedName(`${field}.appProtocol`, appProtocol));
}

function checkSubset(errors: FieldError[], field: string, { addresses = [], notReadyAddresses = [], ports = [] }: EndpointSubset): void {
  if (addresses.length + notReadyAddresses.length === 0) errors.push(required(field, 'must specify `addresses` or `notReadyAddresses`'));
  const check = (path: string, list: readonly EndpointAddress[]): void =>
    eachApart(path, list.length, errors, (index) => checkAddress(errors, `${path}[${index}]`, list[index]!));
  check(`${field}.addresses`, addresses);
  check(`${field}.notReadyAddresses`, notReadyAddresses);
  ports.forEach((port, index) => checkPort(errors, `${field}.ports[${index}]`, port, ports.length > 1));
}

function validate(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const subsets = (object as Endpoints).subsets ?? [];
  eachApart('subsets', subsets.length, errors, (index) => checkSubset(errors, `subsets[${index}]`, subsets[index]!));
  return errors;
}

function withPort(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function endpointsText({ subsets = [] }: Endpoints): string {
  if (subsets.length === 0) return '<none>';
  const shown: string[] = [];
  let count = 0;
  for (const { addresses = [], ports = [] } of subsets) {
    const add = (text: string): void => {
      if (count++ < mostShown) shown.push(text);
    };
    if (ports.length === 0) for (const { ip } of addresses) add(ip);
    else for (const { port } of ports) for (const { ip } of addresses) add(withPort(ip, port));
  }
  return count > mostShown ? `${shown.join(',')} + ${count - mostShown} more...` : shown.join(',');
}

export const endpoints: KindDefinition = {
  group: '',
  version: 'v1',
  resource: 'endpoints',
  storage: 'services/endpoints',
  createOnUpdate: true,
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  strategy: {
    applyDefaults: defaultsOf([['subsets[].ports[].protocol', 'TCP']]),
    validate,
    validateUpdate: (object) => metadataAgain(object),
  },
  cells: (object, context) => [nameOf(object), endpointsText(object), ageOf(object, context)],
};
