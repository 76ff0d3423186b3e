// Services. https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/
import type { Service } from '../../../openapi/types/core.v1.js';
import type { KubeObject } from '../../apimachinery/object.js';
import type { Cell, KindDefinition, TableContext } from '../kind.js';
import { ageOf, labelsText, nameOf } from '../printing/cells.js';
import { addressWarnings, cidrWarnings } from '../rules/addresses.js';
import { applyServiceDefaults, prepareServiceForCreate, prepareServiceForUpdate } from './service/prepare.js';
import { reserveService } from './service/reserve.js';
import { serviceErrors, serviceStatusErrors } from './service/validate.js';

const hints = 'service.kubernetes.io/topology-aware-hints';

function warnings(object: KubeObject): readonly string[] {
  const { metadata, spec } = object as Service;
  const texts: string[] = [];
  if (metadata.annotations?.[hints] !== undefined) {
    texts.push(`annotation ${hints} is deprecated, please use service.kubernetes.io/topology-mode instead`);
  }
  const headless = spec?.clusterIP === 'None';
  const hasExternalIPs = (spec?.externalIPs?.length ?? 0) > 0;
  if (headless && spec.loadBalancerIP) texts.push('spec.loadBalancerIP is ignored for headless services');
  if (headless && hasExternalIPs) texts.push('spec.externalIPs is ignored for headless services');
  if (headless && spec.sessionAffinity === 'ClientIP') texts.push('spec.SessionAffinity is ignored for headless services');
  const isName = spec?.type === 'ExternalName';
  spec?.externalIPs?.forEach((address, index) => texts.push(...addressWarnings(`spec.externalIPs[${index}]`, address)));
  if (hasExternalIPs && !headless && !isName)
    texts.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters');
  if (spec?.loadBalancerIP) texts.push(...addressWarnings('spec.loadBalancerIP', spec.loadBalancerIP));
  spec?.loadBalancerSourceRanges?.forEach((range, index) => texts.push(...cidrWarnings(`spec.loadBalancerSourceRanges[${index}]`, range)));
  if (isName && hasExternalIPs) texts.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  if (!isName && spec?.externalName) texts.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  if (spec?.trafficDistribution === 'PreferClose')
    texts.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  return texts;
}

function externalAddress({ spec, status }: Service): string {
  const given = spec?.externalIPs ?? [];
  switch (spec?.type) {
    case 'ExternalName':
      return spec.externalName ?? '';
    case 'LoadBalancer': {
      const ingress = new Set(
        (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '').filter((one) => one !== ''),
      );
      const all = [...[...ingress].sort(), ...given];
      return all.length === 0 ? '<pending>' : all.join(',');
    }
    default:
      return given.length === 0 ? '<none>' : given.join(',');
  }
}

function portsText({ spec }: Service): string {
  const ports = spec?.ports ?? [];
  if (ports.length === 0 || spec?.type === 'ExternalName') return '<none>';
  return ports.map(({ port, nodePort, protocol }) => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`).join(',');
}

function cells(object: KubeObject, context: TableContext): readonly Cell[] {
  const service = object as Service;
  return [
    nameOf(object),
    service.spec?.type ?? '',
    service.spec?.clusterIPs?.[0] || '<none>',
    externalAddress(service),
    portsText(service),
    ageOf(object, context),
    labelsText(service.spec?.selector),
  ];
}

export const services: KindDefinition = {
  group: '',
  version: 'v1',
  resource: 'services',
  storage: 'services/specs',
  nameRule: 'label',
  createOnUpdate: true,
  deleteReturnsObject: true,
  selectableFields: {
    'spec.clusterIP': (object) => (object as Service).spec?.clusterIP ?? '',
    'spec.type': (object) => (object as Service).spec?.type ?? '',
  },
  strategy: {
    applyDefaults: applyServiceDefaults,
    prepareForCreate: prepareServiceForCreate,
    prepareForUpdate: prepareServiceForUpdate,
    reserve: reserveService,
    validate: serviceErrors,
    validateStatusUpdate: serviceStatusErrors,
    warnings,
  },
  cells,
};
