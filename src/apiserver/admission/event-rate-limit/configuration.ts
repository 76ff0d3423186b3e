// The configuration of EventRateLimit. https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#eventratelimit
import { configurationOf, ConfigurationError, fieldsOf, integerOf, joined, listOf, textOf } from '../control/decode.js';

export const limitTypes = ['Server', 'Namespace', 'User', 'SourceAndObject'] as const;
export type LimitType = (typeof limitTypes)[number];

export interface EventLimit {
  readonly type: LimitType;
  /** Events a second that are let through for long. */
  readonly qps: number;
  /** Events that are let through at once. */
  readonly burst: number;
  /** How many namespaces, users or sources are counted for; those not seen for longest are forgotten. */
  readonly cacheSize: number;
}

export interface EventRateLimit {
  readonly limits: readonly EventLimit[];
}

const version = 'eventratelimit.admission.k8s.io/v1alpha1';
const defaultCacheSize = 4096;
/** Each event costs a look at each limit. */
const mostLimits = 100;
/** A cache is no larger, whatever the configuration says, so that it cannot eat all memory. */
const mostKept = 100_000;

/** Throws {@link ConfigurationError}; without a configuration the plugin cannot run. */
export function readEventRateLimit(value: unknown): EventRateLimit {
  const file = value === undefined || value === null ? {} : configurationOf(value, 'Configuration', [version], ['limits']);
  const list = listOf(file['limits'], 'limits');
  if (list.length === 0) throw new ConfigurationError('limits: Invalid value: null: must not be empty');
  if (list.length > mostLimits) throw new ConfigurationError(`limits: Too many: ${list.length}: must have at most ${mostLimits} items`);
  const errors: string[] = [];
  const limits = list.map((one, index): EventLimit => {
    const at = `limits[${index}]`;
    // Unknown fields of a limit are let through, as by the real server.
    const known = typeof one === 'object' && one !== null && !Array.isArray(one) ? Object.keys(one) : [];
    const fields = fieldsOf(one, at, known);
    const type = textOf(fields['type'], `${at}.type`);
    const qps = integerOf(fields['qps'], `${at}.qps`);
    const burst = integerOf(fields['burst'], `${at}.burst`);
    const cacheSize = integerOf(fields['cacheSize'], `${at}.cacheSize`);
    if (!(limitTypes as readonly string[]).includes(type)) {
      const supported = limitTypes.map((name) => JSON.stringify(name)).join(', ');
      errors.push(`${at}.type: Unsupported value: ${JSON.stringify(type)}: supported values: ${supported}`);
    }
    if (burst <= 0) errors.push(`${at}.burst: Invalid value: ${burst}: must be positive`);
    if (qps <= 0) errors.push(`${at}.qps: Invalid value: ${qps}: must be positive`);
    if (cacheSize < 0) errors.push(`${at}.cacheSize: Invalid value: ${cacheSize}: must not be negative`);
    return { type: type as LimitType, qps, burst, cacheSize: Math.min(cacheSize === 0 ? defaultCacheSize : cacheSize, mostKept) };
  });
  if (errors.length > 0) throw new ConfigurationError(joined(errors));
  return { limits };
}
