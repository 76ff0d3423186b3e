// A client that fails on purpose, for tests of robustness: errors, latency and cut watches by rule.
import { type ApiError, internalError } from '../../apimachinery/errors/api-error.js';
import type { Draft, KubeObject } from '../../apimachinery/object.js';
import { sleep, type Clock, type Timer } from '../../clock/clock.js';
import type { Random } from '../../clock/random.js';
import type { Client, ResourceType, WatchHandle, WatchHandler, WatchOptions } from '../client.js';

export type FaultVerb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection' | 'discover';

/** What happens to the requests that match; the first rule that matches and is drawn decides. */
export interface FaultRule {
  /** Absent: every verb. */
  readonly verbs?: readonly FaultVerb[];
  /** Plurals, such as `pods`; absent: every resource. */
  readonly resources?: readonly string[];
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
  /** The share of matching requests that the rule takes, 0 to 1; 1 when absent. */
  readonly probability?: number;
  /** The rule takes this many requests, then no more; absent: without end. */
  readonly times?: number;
  /** Milliseconds to wait before the request (or its error). */
  readonly latency?: number;
  /** Rejects with this instead of asking the server. For watches: ends the stream with it. */
  readonly error?: ApiError;
  /** Asks the server, drops its answer and rejects with `error` (500 when absent): the write happened, the caller does not know. */
  readonly afterwards?: boolean;
  /** Watches only: ends the stream without an error after so many milliseconds. */
  readonly cutAfter?: number;
}

export interface FaultyClient extends Client {
  /** Adds a rule; returns how to take it out again. */
  addRule(rule: FaultRule): () => void;
  clearRules(): void;
  /** Ends all open watches now, without an error. */
  cutWatches(): void;
}

export interface FaultyClientOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly rules?: readonly FaultRule[];
  /** Told of every request before it is sent or fails, as to count them. Must be quick and must not throw. */
  readonly onRequest?: (request: FaultTarget) => void;
}

/** What a request asks for. */
export interface FaultTarget {
  readonly verb: FaultVerb;
  readonly resource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

function matches(rule: FaultRule, target: FaultTarget): boolean {
  return (
    (rule.verbs?.includes(target.verb) ?? true) &&
    (rule.resources === undefined || (target.resource !== undefined && rule.resources.includes(target.resource))) &&
    (rule.namespace === undefined || rule.namespace === target.namespace) &&
    (rule.name === undefined || rule.name === target.name) &&
    (rule.subresource === undefined || rule.subresource === target.subresource)
  );
}

/** Wraps a client; without rules it only passes on. */
export function createFaultyClient({ client, clock, random, rules = [], onRequest }: FaultyClientOptions): FaultyClient {
  let active = rules.map((rule) => ({ rule, left: rule.times ?? Number.POSITIVE_INFINITY }));
  const open = new Set<() => void>();

  const draw = (target: FaultTarget): FaultRule | undefined => {
    onRequest?.(target);
    for (const one of active) {
      if (one.left <= 0 || !matches(one.rule, target)) continue;
      if (one.rule.probability !== undefined && random.next() >= one.rule.probability) continue;
      one.left--;
      return one.rule;
    }
    return undefined;
  };
  const through = async <R>(target: FaultTarget, send: () => Promise<R>): Promise<R> => {
    const rule = draw(target);
    if (!rule) return send();
    if (rule.latency !== undefined) await sleep(clock, rule.latency);
    if (rule.afterwards) {
      await send();
      throw rule.error ?? internalError('the answer was dropped on purpose');
    }
    if (rule.error) throw rule.error;
    return send();
  };
  const about = (verb: FaultVerb, type: ResourceType, draft: unknown, subresource: string | undefined): FaultTarget => {
    const { namespace, name } = (draft as Draft<KubeObject>).metadata ?? {};
    return { verb, resource: type.resource, namespace, name, subresource };
  };

  const watch = <T extends KubeObject>(type: ResourceType<T>, options: WatchOptions, handler: WatchHandler<T>): WatchHandle => {
    const rule = draw({ verb: 'watch', resource: type.resource, namespace: options.namespace });
    let over = false;
    let inner: WatchHandle | undefined;
    let timer: Timer | undefined;
    const close = (): void => {
      over = true;
      timer?.cancel();
      inner?.stop();
      open.delete(cut);
    };
    const end = (error: ApiError | undefined): void => {
      if (over) return;
      close();
      handler.end(error);
    };
    const cut = (): void => end(undefined);
    open.add(cut);
    const begin = (): void => {
      if (over) return;
      if (rule?.error) return end(rule.error);
      inner = client.watch(type, options, { event: (event) => void (over || handler.event(event)), end });
      if (rule?.cutAfter !== undefined) timer = clock.after(rule.cutAfter, cut);
    };
    if (rule?.latency !== undefined) timer = clock.after(rule.latency, begin);
    else if (rule?.error) queueMicrotask(begin);
    else begin();
    return { stop: close };
  };

  return {
    addRule(rule) {
      const added = { rule, left: rule.times ?? Number.POSITIVE_INFINITY };
      active = [...active, added];
      return () => void (active = active.filter((one) => one !== added));
    },
    clearRules: () => void (active = []),
    cutWatches: () => [...open].forEach((cut) => cut()),
    get: (type, key, subresource) =>
      through({ verb: 'get', resource: type.resource, namespace: key.namespace, name: key.name, subresource }, () =>
        client.get(type, key, subresource),
      ),
    list: (type, options) =>
      through({ verb: 'list', resource: type.resource, namespace: options?.namespace }, () => client.list(type, options)),
    watch,
    create: (type, draft, options) =>
      through(about('create', type, draft, options?.subresource), () => client.create(type, draft, options)),
    update: (type, object, options) =>
      through(about('update', type, object, options?.subresource), () => client.update(type, object, options)),
    patch: (type, key, patchType, patch, options) =>
      through({ verb: 'patch', resource: type.resource, namespace: key.namespace, name: key.name, subresource: options?.subresource }, () =>
        client.patch(type, key, patchType, patch, options),
      ),
    delete: (type, key, options) =>
      through({ verb: 'delete', resource: type.resource, namespace: key.namespace, name: key.name }, () =>
        client.delete(type, key, options),
      ),
    deleteCollection: (type, list, options) =>
      through({ verb: 'deletecollection', resource: type.resource, namespace: list.namespace }, () =>
        client.deleteCollection(type, list, options),
      ),
    discover: () => through({ verb: 'discover' }, () => client.discover()),
    ...(client.schemas === undefined ? {} : { schemas: client.schemas.bind(client) }),
  };
}
