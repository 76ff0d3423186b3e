// The extenders of a KubeSchedulerConfiguration: web services that have a say in where pods go.
// https://kubernetes.io/docs/reference/config-api/kube-scheduler-config.v1/#kubescheduler-config-k8s-io-v1-Extender
import { ConfigurationError } from '../profile/configuration-error.js';
import { duration, flag, known, list, number, record, text } from '../profile/fields.js';

export interface ManagedResource {
  readonly name: string;
  /** The scheduler itself does not count it. */
  readonly ignored: boolean;
}

/** Files are read when the extender is first asked; data are PEM. */
export interface ExtenderTls {
  readonly insecure: boolean;
  readonly serverName: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string;
  readonly certData: string;
  readonly keyData: string;
  readonly caData: string;
}

export interface ExtenderConfiguration {
  /** Without a slash at its end; a verb makes `urlPrefix/verb`. */
  readonly urlPrefix: string;
  /** '' of each: it has no say there. */
  readonly filterVerb: string;
  readonly prioritizeVerb: string;
  readonly preemptVerb: string;
  readonly bindVerb: string;
  /** What its scores are multiplied by. */
  readonly weight: number;
  readonly tls: ExtenderTls;
  /** Milliseconds. */
  readonly timeout: number;
  /** It knows the nodes itself and is told names only. */
  readonly nodeCacheCapable: boolean;
  /** It is asked only about pods that want one of them; none: about every pod. */
  readonly managedResources: readonly ManagedResource[];
  /** Pods are scheduled without it when it does not answer. */
  readonly ignorable: boolean;
}

const verbs = ['filterVerb', 'prioritizeVerb', 'preemptVerb', 'bindVerb'] as const;
const taken = [
  'urlPrefix',
  ...verbs,
  'weight',
  'enableHTTPS',
  'tlsConfig',
  'httpTimeout',
  'nodeCacheCapable',
  'managedResources',
  'ignorable',
];
const tlsFields = ['insecure', 'serverName', 'certFile', 'keyFile', 'caFile', 'certData', 'keyData', 'caData'];
const mostExtenders = 100;
const defaultTimeout = 5000;

/** Throws ConfigurationError. */
export function readExtenders(value: unknown): readonly ExtenderConfiguration[] {
  const given = list(value, 'extenders');
  if (given.length > mostExtenders) throw new ConfigurationError(`there may be ${mostExtenders} extenders at most`);
  const extenders = given.map((one, index) => readExtender(one, `extenders[${index}]`));
  const binders = extenders.filter(({ bindVerb }) => bindVerb !== '').length;
  if (binders > 1) throw new ConfigurationError(`extenders: only one may bind pods, not ${binders}`);
  return extenders;
}

function readExtender(value: unknown, where: string): ExtenderConfiguration {
  const fields = record(value, where);
  known(fields, taken, where);
  const urlPrefix = text(fields['urlPrefix'], `${where}.urlPrefix`);
  if (!URL.canParse(urlPrefix) || !/^https?:/.test(urlPrefix))
    throw new ConfigurationError(
      `${where}.urlPrefix must be a URL such as http://127.0.0.1:8888/scheduler, not ${JSON.stringify(urlPrefix)}`,
    );
  const [filterVerb, prioritizeVerb, preemptVerb, bindVerb] = verbs.map((name) => text(fields[name], `${where}.${name}`)) as [
    string,
    string,
    string,
    string,
  ];
  const weight = number(fields['weight'], `${where}.weight`, 0, 0, 1_000_000);
  if (prioritizeVerb !== '' && weight === 0)
    throw new ConfigurationError(`${where}.weight must be 1 or more, since ${where} has a prioritizeVerb`);
  const secure = flag(fields['enableHTTPS'], `${where}.enableHTTPS`);
  return {
    urlPrefix: urlPrefix.replace(/^https?:/, (scheme) => (secure ? 'https:' : scheme)).replace(/\/$/, ''),
    filterVerb,
    prioritizeVerb,
    preemptVerb,
    bindVerb,
    weight,
    tls: readTls(fields['tlsConfig'] ?? {}, `${where}.tlsConfig`),
    timeout: duration(fields['httpTimeout'], `${where}.httpTimeout`, defaultTimeout),
    nodeCacheCapable: flag(fields['nodeCacheCapable'], `${where}.nodeCacheCapable`),
    managedResources: list(fields['managedResources'], `${where}.managedResources`).map((one) =>
      readResource(one, `${where}.managedResources`),
    ),
    ignorable: flag(fields['ignorable'], `${where}.ignorable`),
  };
}

function readResource(value: unknown, where: string): ManagedResource {
  const fields = record(value, where);
  known(fields, ['name', 'ignoredByScheduler'], where);
  const name = text(fields['name'], `${where}.name`);
  if (!name.includes('/'))
    throw new ConfigurationError(`${where}.name must be an extended resource such as example.com/foo, not ${JSON.stringify(name)}`);
  return { name, ignored: flag(fields['ignoredByScheduler'], `${where}.ignoredByScheduler`) };
}

function readTls(value: unknown, where: string): ExtenderTls {
  const fields = record(value, where);
  known(fields, tlsFields, where);
  const read = (name: string): string => text(fields[name], `${where}.${name}`);
  const pem = (name: string): string => Buffer.from(read(name), 'base64').toString();
  return {
    insecure: flag(fields['insecure'], `${where}.insecure`),
    serverName: read('serverName'),
    certFile: read('certFile'),
    keyFile: read('keyFile'),
    caFile: read('caFile'),
    certData: pem('certData'),
    keyData: pem('keyData'),
    caData: pem('caData'),
  };
}
