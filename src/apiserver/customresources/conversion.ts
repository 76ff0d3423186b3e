// Objects between the versions of a custom resource whose definition names a webhook for it.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#webhook-conversion
import type { CustomResourceConversion, WebhookClientConfig } from '../../../openapi/types/apiextensions.v1.js';
import { parseAnswer } from '../../apimachinery/codec/answer-json.js';
import { ApiError } from '../../apimachinery/errors/api-error.js';
import { validateAnnotations, validateLabels } from '../../apimachinery/names/object-meta.js';
import { isRecord, type KubeObject } from '../../apimachinery/object.js';
import type { Clock } from '../../clock/clock.js';
import type { Random } from '../../clock/random.js';
import type { WebhookConversion } from '../../registry/customresources/conversion.js';
import { notAnObject } from '../authentication/configuration-file.js';
import { ask, RedirectedError, type OutboundAnswer } from '../authentication/outbound.js';
import { serverError } from '../authentication/server-error.js';
import { reachService, unreachedText, type ServiceLookup } from '../services/reach.js';
import { webhookPath } from '../services/webhook-path.js';

export interface ConversionOptions extends ServiceLookup {
  readonly clock: Clock;
  /** Real time, which webhooks live in; `clock` when absent. */
  readonly systemClock?: Clock;
  readonly random: Random;
}

/** How long a webhook may take, in milliseconds. */
const patience = 30_000;
/** So many objects are asked about in one question. */
const batch = 500;

const review = { kind: 'ConversionReview', apiVersion: 'apiextensions.k8s.io/v1' };

/** What the real server says of a connection that failed. */
function reasonOf(error: unknown, url: string): string {
  if (error instanceof RedirectedError) return reasonOf(error.reason, error.location);
  const { code, message, address, port } = error as { code?: string; message?: string; address?: string; port?: number };
  const post = `Post ${JSON.stringify(url)}: `;
  if (code === 'ECONNREFUSED') return `${post}dial tcp ${address ?? ''}:${port ?? ''}: connect: connection refused`;
  if (code === 'DEPTH_ZERO_SELF_SIGNED_CERT' || code === 'SELF_SIGNED_CERT_IN_CHAIN' || code === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE')
    return `${post}tls: failed to verify certificate: x509: certificate signed by unknown authority`;
  if (message?.startsWith('no answer from') === true)
    return `${post}context deadline exceeded (Client.Timeout exceeded while awaiting headers)`;
  return `${post}${message ?? String(error)}`;
}

async function responseOf(given: OutboundAnswer): Promise<Readonly<Record<string, unknown>> | string> {
  const problem = serverError(given);
  if (problem !== undefined) return problem;
  let answer: unknown;
  try {
    answer = await parseAnswer(given.text);
  } catch {
    // What is no JSON it reads as a text.
    return notAnObject('');
  }
  const { kind = '', apiVersion = '', response } = isRecord(answer) ? answer : {};
  if (kind !== review.kind || apiVersion !== review.apiVersion) {
    const given = typeof apiVersion === 'string' && apiVersion.includes('/') ? apiVersion : `/${String(apiVersion)}`;
    return `expected webhook response of ${review.apiVersion}, Kind=${review.kind}, got ${given}, Kind=${String(kind)}`;
  }
  return isRecord(response) ? response : 'no response provided';
}

/** The converted objects of a response, or why there are none. */
function convertedOf(response: Readonly<Record<string, unknown>>, uid: string): readonly unknown[] | string {
  const { uid: answered = '', result, convertedObjects } = response;
  if (answered !== uid) return `expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(answered)}`;
  const { status = '', message } = isRecord(result) ? result : {};
  if (status !== 'Success') {
    return typeof message === 'string' && message !== '' ? message : `response.result.status was '${String(status)}', not 'Success'`;
  }
  return Array.isArray(convertedObjects) ? (convertedObjects as readonly unknown[]) : [];
}

/** Only labels and annotations of metadata may be changed. */
function checked(converted: unknown, original: KubeObject, apiVersion: string, index: number): KubeObject | string {
  const at = ` at index ${index}`;
  if (!isRecord(converted)) return `${at}: no object`;
  if (converted['apiVersion'] !== apiVersion)
    return `${at}: invalid groupVersion (expected ${apiVersion}, received ${textOf(converted['apiVersion'])})`;
  if (converted['kind'] !== original.kind) return `${at}: invalid kind (expected ${original.kind}, received ${textOf(converted['kind'])})`;
  const given = isRecord(converted['metadata']) ? converted['metadata'] : undefined;
  if (given === undefined) return `: invalid metadata of type ${typeof converted['metadata']} in converted object`;
  const { metadata } = original;
  for (const [field, shown] of [
    ['uid', 'UID'],
    ['name', 'name'],
    ['namespace', 'namespace'],
  ] as const) {
    const [before, after] = [metadata[field] ?? '', given[field] ?? ''];
    if (before !== after) return `: must have the same ${shown}: ${before} != ${textOf(after)}`;
  }
  const { labels: _labels, annotations: _annotations, ...kept } = metadata;
  const [labels, annotations] = [textsOf(given['labels']), textsOf(given['annotations'])];
  const broken = [...validateLabels(labels, 'metadata.labels'), ...validateAnnotations(annotations, 'metadata.annotations')];
  if (broken.length > 0) return `: ${broken.map(({ field, message }) => `${field}: ${message}`).join(', ')}`;
  const merged = { ...kept, ...(labels === undefined ? {} : { labels }), ...(annotations === undefined ? {} : { annotations }) };
  return { ...converted, metadata: merged } as unknown as KubeObject;
}

/** What is no string is shown as none. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function textsOf(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isRecord(value)) return undefined;
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** Where the webhook is: what is shown of it, what is connected to, and whose certificate is expected when it is not the host's. */
interface Place {
  readonly shown: string;
  readonly connect: string;
  readonly serverName?: string;
}

async function placeOf({ url, service }: WebhookClientConfig, options: ConversionOptions): Promise<Place | string> {
  if (url !== undefined) {
    const asked = new URL(url);
    asked.pathname = webhookPath(asked.pathname);
    asked.searchParams.set('timeout', '30s');
    return { shown: asked.href, connect: asked.href };
  }
  const { namespace = '', name = '', path = '', port = 443 } = service ?? {};
  const rest = `${webhookPath(path)}?timeout=30s`;
  const serverName = `${name}.${namespace}.svc`;
  const shown = `https://${serverName}:${port}${rest}`;
  const reached = await reachService({ namespace, name, port }, options);
  if (reached.missing !== undefined) return `Post ${JSON.stringify(shown)}: ${unreachedText(reached, name, port)}`;
  return { shown, connect: `https://${reached.authority}${rest}`, serverName };
}

/** Asks the webhook of a definition; undefined when it has none. */
export function webhookConversion(
  conversion: CustomResourceConversion | undefined,
  options: ConversionOptions,
): WebhookConversion | undefined {
  if (conversion?.strategy !== 'Webhook') return undefined;
  const config: WebhookClientConfig = conversion.webhook?.clientConfig ?? {};
  const { caBundle } = config;
  const certificateAuthority = caBundle === undefined || caBundle === '' ? undefined : Buffer.from(caBundle, 'base64').toString();
  return async (objects, apiVersion) => {
    const first = objects[0];
    if (first === undefined) return [];
    const about = `conversion webhook for ${first.apiVersion}, Kind=${first.kind}`;
    const refuse = (why: string): never => {
      throw new ApiError(500, '', `${about} ${why}`);
    };
    const place = await placeOf(config, options);
    if (typeof place === 'string') return refuse(`failed: ${place}`);
    const { shown: url, connect, serverName: tlsServerName } = place;
    const done: KubeObject[] = [];
    for (let start = 0; start < objects.length; start += batch) {
      const part = objects.slice(start, start + batch);
      const uid = options.random.uid();
      // The version in the store is none of the webhook's business.
      const shown = part.map((object) => ({ ...object, metadata: { ...object.metadata, resourceVersion: undefined } }));
      const question = { ...review, request: { uid, desiredAPIVersion: apiVersion, objects: shown } };
      const settings = { clock: options.systemClock ?? options.clock, certificateAuthority, tlsServerName, timeout: patience };
      const answer = await ask(connect, question, settings).catch((error: unknown) => refuse(`failed: ${reasonOf(error, url)}`));
      const response = await responseOf(answer);
      const converted = typeof response === 'string' ? response : convertedOf(response, uid);
      if (typeof converted === 'string') return refuse(`failed: ${converted}`);
      if (converted.length !== part.length) refuse(`returned ${converted.length} objects, expected ${part.length}`);
      part.forEach((object, index) => {
        const good = checked(converted[index], object, apiVersion, start + index);
        done.push(typeof good === 'string' ? refuse(`returned invalid object${good}`) : good);
      });
    }
    return done;
  };
}
