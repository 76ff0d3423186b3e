// Ingresses. https://kubernetes.io/docs/concepts/services-networking/ingress/
import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressRule,
  IngressSpec,
  IngressTLS,
} from '../../../openapi/types/networking.v1.js';
import { invalid, required } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import { labelNameProblems, subdomainProblems } from '../../apimachinery/names/names.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { addressFamily, givenAddressErrors, portErrors, portNameErrors } from '../rules/addresses.js';
import { check, checkPathSegment, checkSubdomain, each, eachAlone, needed, oneOf, type Errors } from '../rules/fields.js';
import { metadataAgain } from '../rules/metadata.js';
import { statusHooks } from '../rules/status.js';

const classAnnotation = 'kubernetes.io/ingress.class';
const wildcardText =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

function hostErrors(field: string, host: string): Errors {
  if (!host.includes('*')) return checkSubdomain(field, host);
  const valid = host.startsWith('*.') && subdomainProblems(host.slice(2)).length === 0;
  return valid ? [] : [invalid(field, host, wildcardText)];
}

function backendErrors(field: string, backend: Draft<IngressBackend> | undefined): Errors {
  const { resource, service } = backend ?? {};
  if (resource !== undefined && service !== undefined) return [invalid(field, '', 'cannot set both resource and service backends')];
  if (resource !== undefined) {
    return [
      ...((resource.apiGroup ?? null) === null ? [] : checkSubdomain(`${field}.resource.apiGroup`, resource.apiGroup ?? '')),
      ...needed(`${field}.resource.kind`, resource.kind, checkPathSegment),
      ...needed(`${field}.resource.name`, resource.name, checkPathSegment),
    ];
  }
  if (service === undefined) return [invalid(field, '', 'resource or service backend is required')];
  const errors = [...needed(`${field}.service.name`, service.name, (path, value) => check(path, value, labelNameProblems))];
  const { name = '', number = 0 } = service.port ?? {};
  if (name !== '' && number !== 0) errors.push(invalid(field, '', 'cannot set both port name & port number'));
  else if (name !== '') errors.push(...portNameErrors(`${field}.service.port.name`, name));
  else if (number !== 0) errors.push(...portErrors(`${field}.service.port.number`, number));
  else errors.push(required(field, 'port name or number is required'));
  return errors;
}

const forbiddenParts = ['//', '/./', '/../', '%2f', '%2F'];
const forbiddenEnds = ['/..', '/.'];

function pathErrors(field: string, rule: Draft<HTTPIngressPath>): Errors {
  const path = rule.path ?? '';
  const errors = [];
  // Without a path type nothing else of the path is looked at.
  if ((rule.pathType ?? '') === '') return [required(`${field}.pathType`, 'pathType must be specified')];
  if (rule.pathType === 'Exact' || rule.pathType === 'Prefix') {
    if (!path.startsWith('/')) errors.push(invalid(`${field}.path`, path, 'must be an absolute path'));
    else {
      for (const part of forbiddenParts) if (path.includes(part)) errors.push(invalid(`${field}.path`, path, `must not contain '${part}'`));
      for (const end of forbiddenEnds) if (path.endsWith(end)) errors.push(invalid(`${field}.path`, path, `cannot end with '${end}'`));
    }
  } else {
    errors.push(...oneOf(`${field}.pathType`, rule.pathType, ['Exact', 'ImplementationSpecific', 'Prefix']));
    if (errors.length === 0 && path !== '' && !path.startsWith('/'))
      errors.push(invalid(`${field}.path`, path, 'must be an absolute path'));
  }
  return [...errors, ...backendErrors(`${field}.backend`, rule.backend)];
}

function ruleErrors(field: string, rule: Draft<IngressRule>): Errors {
  const host = rule.host ?? '';
  const errors: Errors[number][] = [];
  if (host !== '') {
    if (addressFamily(host) !== undefined) errors.push(invalid(`${field}.host`, host, 'must be a DNS name, not an IP address'));
    errors.push(...hostErrors(`${field}.host`, host));
  }
  if (rule.http === undefined) return errors;
  const paths = rule.http.paths ?? [];
  if (paths.length === 0) errors.push(required(`${field}.http.paths`));
  return [...errors, ...eachAlone(`${field}.http.paths`, paths, pathErrors)];
}

function tlsErrors(field: string, tls: Draft<IngressTLS>): Errors {
  const secret = tls.secretName ?? '';
  return [...each(`${field}.hosts`, tls.hosts, hostErrors), ...(secret === '' ? [] : checkSubdomain(`${field}.secretName`, secret))];
}

function specErrors(spec: Draft<IngressSpec>): Errors {
  const errors: Errors[number][] = [];
  if ((spec.rules ?? []).length === 0 && spec.defaultBackend === undefined) {
    errors.push(invalid('spec', null, 'either `defaultBackend` or `rules` must be specified'));
  }
  if (spec.defaultBackend !== undefined) errors.push(...backendErrors('spec.defaultBackend', spec.defaultBackend));
  errors.push(...eachAlone('spec.rules', spec.rules, ruleErrors), ...eachAlone('spec.tls', spec.tls, tlsErrors));
  if (spec.ingressClassName !== undefined) errors.push(...checkSubdomain('spec.ingressClassName', spec.ingressClassName));
  return errors;
}

function statusErrors(ingress: Draft<Ingress>): Errors {
  return each('status.loadBalancer.ingress', ingress.status?.loadBalancer?.ingress, (field, { ip = '', hostname = '' }) => {
    const errors = ip === '' ? [] : [...givenAddressErrors(`${field}.ip`, ip)];
    if (hostname === '') return errors;
    const at = `${field}.hostname`;
    errors.push(...checkSubdomain(at, hostname));
    if (addressFamily(hostname) !== undefined) errors.push(invalid(at, hostname, 'must be a DNS name, not an IP address'));
    return errors;
  });
}

function classAnnotationOf(ingress: Draft<Ingress>): string | undefined {
  return ingress.metadata?.annotations?.[classAnnotation];
}

const shownHosts = 3;

function hostsText(rules: Draft<IngressSpec>['rules']): string {
  const hosts: string[] = [];
  let more = false;
  for (const { host } of rules ?? []) {
    if (hosts.length === shownHosts) more = true;
    else if (host !== undefined && host !== '') hosts.push(host);
  }
  if (hosts.length === 0) return '*';
  return more ? `${hosts.join(',')} + ${(rules ?? []).length - shownHosts} more...` : hosts.join(',');
}

export const ingress: KindDefinition = {
  group: 'networking.k8s.io',
  version: 'v1',
  resource: 'ingresses',
  storage: 'ingress',
  generation: true,
  strategy: {
    ...statusHooks(() => ({ loadBalancer: {} })),
    validate: (object) => specErrors((object as Draft<Ingress>).spec ?? {}),
    validateCreate: (object) => {
      const annotation = classAnnotationOf(object);
      const name = (object as Draft<Ingress>).spec?.ingressClassName;
      if (annotation === undefined || name === undefined || annotation === name) return [];
      return [invalid(`annotations.${classAnnotation}`, annotation, 'must match `ingressClassName` when both are specified')];
    },
    validateUpdate: (object, old) => metadataAgain(object, old),
    validateStatusUpdate: (object, old) => [...metadataAgain(object, old), ...statusErrors(object)],
    warnings: (object, old) =>
      old === undefined && classAnnotationOf(object) !== undefined && (object as Draft<Ingress>).spec?.ingressClassName === undefined
        ? [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`]
        : [],
  },
  cells: (object, context) => {
    const { spec, status } = object as Draft<Ingress>;
    const addresses = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) =>
      ip !== undefined && ip !== '' ? ip : (hostname ?? ''),
    );
    return [
      nameOf(object),
      spec?.ingressClassName ?? '<none>',
      hostsText(spec?.rules),
      [...new Set(addresses)]
        .filter((address) => address !== '')
        .sort()
        .join(','),
      (spec?.tls ?? []).length > 0 ? '80, 443' : '80',
      ageOf(object, context),
    ];
  },
};
