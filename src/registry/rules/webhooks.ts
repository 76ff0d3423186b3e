// How the API server reaches webhooks: a URL or a service. Admission webhooks and conversion webhooks share it.
// https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#contacting-the-webhook
import { invalid, required } from '../../apimachinery/errors/field-error.js';
import { labelNameProblems, label1035Problems, subdomainProblems } from '../../apimachinery/names/names.js';
import { servicePortErrors } from './addresses.js';
import { needed, type Errors } from './fields.js';
import { parseUrl } from './urls.js';

interface ServiceReference {
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  readonly path?: string | undefined;
  readonly port?: number | undefined;
}

export interface ClientConfig {
  readonly url?: string | undefined;
  readonly service?: ServiceReference | undefined;
}

const desiredForm = 'desired format: https://host[/path]';

function urlErrors(field: string, url: string): Errors {
  const parts = parseUrl(url);
  if (typeof parts === 'string') {
    return [required(field, `url must be a valid URL: parse ${JSON.stringify(url)}: ${parts}; ${desiredForm}`)];
  }
  const { scheme, user, host, query, fragment } = parts;
  const errors: Errors[number][] = [];
  if (scheme !== 'https') errors.push(invalid(field, scheme, `'https' is the only allowed URL scheme; ${desiredForm}`));
  if (host === '') errors.push(invalid(field, host, `host must be specified; ${desiredForm}`));
  if (user !== '') errors.push(invalid(field, user, 'user information is not permitted in the URL'));
  if (fragment !== '') errors.push(invalid(field, fragment, 'fragments are not permitted in the URL'));
  if (query !== '') errors.push(invalid(field, query, 'query parameters are not permitted in the URL'));
  return errors;
}

function pathErrors(field: string, path: string): Errors {
  if (path === '') return [];
  const errors: Errors[number][] = path.startsWith('/') ? [] : [invalid(field, path, "must start with a '/'")];
  if (path === '/') return errors;
  // Without what is taken for the first slash and the last.
  const steps = path.slice(1, path.endsWith('/') ? -1 : undefined).split('/');
  steps.forEach((step, index) => {
    if (step === '') errors.push(invalid(field, path, `segment[${index}] may not be empty`));
    else errors.push(...subdomainProblems(step).map((why) => invalid(field, path, `segment[${index}]: ${why}`)));
  });
  return errors;
}

/** The broken rules of a client configuration; `field` is its path. */
export function clientConfigErrors(field: string, { url, service }: ClientConfig): Errors {
  if ((url === undefined) === (service === undefined)) return [required(field, 'exactly one of url or service is required')];
  if (url !== undefined) return urlErrors(`${field}.url`, url);
  return [
    // The real server names each by the other's name.
    ...needed(`${field}.service.name`, service?.namespace),
    ...needed(`${field}.service.namespace`, service?.name),
    ...servicePortErrors(`${field}.service.port`, service?.port ?? 443),
    ...pathErrors(`${field}.service.path`, service?.path ?? ''),
  ];
}

const knownVersions = ['v1', 'v1beta1'];

/** The versions of reviews that a webhook takes: at least one that this server speaks. */
export function reviewVersionErrors(field: string, versions: readonly string[] | undefined): Errors {
  const list = versions ?? [];
  const known = knownVersions.join(', ');
  const seen = new Set<string>();
  const errors: Errors[number][] = list.flatMap((version, index) => {
    if (seen.has(version)) return [invalid(`${field}[${index}]`, version, 'duplicate version')];
    seen.add(version);
    return label1035Problems(version).map((why) => invalid(`${field}[${index}]`, version, why));
  });
  if (list.length > 0 && !list.some((version) => knownVersions.includes(version))) {
    errors.push(invalid(field, list, `must include at least one of ${known}`));
  }
  return errors;
}

/** A name of a webhook: a domain of at least three parts. */
export function fullyQualifiedNameErrors(field: string, name: string): Errors {
  if (name === '') return [required(field)];
  const problems = subdomainProblems(name);
  if (problems.length > 0) return problems.map((why) => invalid(field, name, why));
  const parts = name.split('.');
  if (parts.length < 3) return [invalid(field, name, 'should be a domain with at least three segments separated by dots')];
  return parts.flatMap((part) =>
    labelNameProblems(part)
      .filter((why) => !why.startsWith('must be no more than'))
      .map((why) => invalid(field, name, why)),
  );
}
