// pods/log: what a container printed, from the kubelet of the pod's node. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
import type { Pod } from '../../../openapi/types/core.v1.js';
import { ApiError, badRequest, internalError, notFound } from '../../apimachinery/errors/api-error.js';
import { invalid, invalidObject } from '../../apimachinery/errors/field-error.js';
import type { KubeletEndpoints, LogOptions } from '../../client/kubelet-endpoint.js';
import type { ConnectHandler } from '../handler.js';
import { Pump } from '../http/pump.js';

export function podLogs(endpoints: KubeletEndpoints): ConnectHandler {
  return async ({ exchange, info, kind, core, parameters }) => {
    const { namespace, name } = info;
    if (info.verb !== 'get')
      throw new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
    const options = readLogOptions(name, parameters);
    const entry = await core.storages.of(kind).get(namespace, name);
    if (entry === undefined) throw notFound(kind, name);
    const pod = entry.value as Pod;
    const container = containerOf(pod, options.container);
    const node = pod.spec.nodeName ?? '';
    // Nothing has run yet: an empty answer.
    if (node === '') return exchange.respond(204, { 'Cache-Control': 'no-cache, private' }, []);
    const endpoint = endpoints.get(node);
    if (endpoint === undefined) throw internalError(`the kubelet of node ${JSON.stringify(node)} cannot be reached for logs`);

    let pump: Pump | undefined = undefined;
    let gone = false;
    // The answer's head waits for the kubelet's word, since errors have a status of their own.
    const held: Uint8Array[] = [];
    let ended = false;
    const stream = await endpoint.containerLogs(
      { namespace, name, uid: pod.metadata.uid },
      { ...options, container },
      {
        write: (chunk) => (pump === undefined ? void held.push(chunk) : pump.push(chunk)),
        end: () => {
          ended = true;
          pump?.end();
        },
      },
    );
    exchange.onClose(() => {
      gone = true;
      stream.stop();
    });
    if (gone as boolean) return;
    const response = exchange.stream(200, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-cache, private' });
    pump = new Pump(response, () => {
      stream.stop();
      response.abort();
    });
    for (const chunk of held) pump.push(chunk);
    if (ended as boolean) pump.end();
  };
}

function readLogOptions(name: string, parameters: URLSearchParams): LogOptions {
  const flag = (field: string): boolean => {
    const value = parameters.get(field);
    return value !== null && value !== 'false' && value !== '0';
  };
  const number = (field: string, least: number): number | undefined => {
    const text = parameters.get(field);
    if (text === null || text === '') return undefined;
    if (!/^-?\d{1,15}$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
    const value = Number(text);
    if (value < least) {
      const rule = least === 0 ? 'must be greater than or equal to 0' : 'must be greater than 0';
      throw invalidObject({ group: '', kind: 'PodLogOptions' }, name, [invalid(field, value, rule)]);
    }
    return value;
  };
  const sinceSeconds = number('sinceSeconds', 1);
  const tailLines = number('tailLines', 0);
  const limitBytes = number('limitBytes', 1);
  const sinceTime = parameters.get('sinceTime');
  const stream = parameters.get('stream');
  return {
    container: parameters.get('container') ?? '',
    follow: flag('follow'),
    previous: flag('previous'),
    timestamps: flag('timestamps'),
    ...(sinceSeconds === undefined ? {} : { sinceSeconds }),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(sinceTime === null || Number.isNaN(Date.parse(sinceTime)) ? {} : { sinceTime: Date.parse(sinceTime) }),
    ...(stream === 'Stdout' || stream === 'Stderr' ? { stream } : {}),
  };
}

/** The container asked for, or the only one there is. Throws the real server's 400s. */
export function containerOf({ metadata, spec }: Pod, asked: string): string {
  const names = spec.containers.map((one) => one.name);
  const init = (spec.initContainers ?? []).map((one) => one.name);
  const ephemeral = (spec.ephemeralContainers ?? []).map((one) => one.name);
  if (asked !== '') {
    if ([...names, ...init, ...ephemeral].includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${metadata.name}`);
  }
  if (names.length === 1) return names[0]!;
  const preferred = metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  if (preferred !== undefined && names.includes(preferred)) return preferred;
  const more = init.length > 0 ? ` or one of the init containers: [${init.join(' ')}]` : '';
  throw badRequest(`a container name must be specified for pod ${metadata.name}, choose one of: [${names.join(' ')}]${more}`);
}
