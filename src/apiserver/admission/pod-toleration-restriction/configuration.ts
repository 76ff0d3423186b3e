// The configuration of PodTolerationRestriction. https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#podtolerationrestriction
import type { Toleration } from '../../../../openapi/types/core.v1.js';
import type { FieldError } from '../../../apimachinery/errors/field-error.js';
import { isRecord } from '../../../apimachinery/object.js';
import { checkTolerations } from '../../../registry/core/podspec/validate-tolerations.js';
import { ConfigurationError, configurationOf, listOf, textOf } from '../control/decode.js';

export interface TolerationRestriction {
  /** What pods get in namespaces whose annotation says nothing. */
  readonly defaults: readonly Toleration[];
  /** What pods may have in such namespaces; any when empty. */
  readonly whitelist: readonly Toleration[];
}

const version = 'podtolerationrestriction.admission.k8s.io/v1alpha1';
/** Each toleration of a pod is held against each of these. */
const most = 1000;

/** Throws {@link ConfigurationError}. */
export function readTolerationRestriction(value: unknown): TolerationRestriction {
  if (value === undefined || value === null) return { defaults: [], whitelist: [] };
  const known = isRecord(value) ? Object.keys(value) : [];
  const file = configurationOf(value, 'Configuration', [version], known);
  const errors: FieldError[] = [];
  const read = (name: string): readonly Toleration[] => {
    const list = listOf(file[name], name);
    if (list.length > most) throw new ConfigurationError(`${name}: Too many: ${list.length}: must have at most ${most} items`);
    const tolerations = list.map((one, index) => tolerationOf(one, `${name}[${index}]`));
    checkTolerations(errors, `podtolerationrestriction.${name}`, tolerations);
    return tolerations;
  };
  const found = { defaults: read('default'), whitelist: read('whitelist') };
  if (errors.length > 0)
    throw new ConfigurationError(`invalid config: [${errors.map(({ field, message }) => `${field}: ${message}`).join(' ')}]`);
  return found;
}

function tolerationOf(value: unknown, path: string): Toleration {
  if (!isRecord(value)) throw new ConfigurationError(`${path} must be a map`);
  const { tolerationSeconds } = value;
  if (tolerationSeconds !== undefined && tolerationSeconds !== null && !Number.isSafeInteger(tolerationSeconds))
    throw new ConfigurationError(`${path}.tolerationSeconds must be a whole number`);
  const texts = (['key', 'operator', 'value', 'effect'] as const).flatMap((name) => {
    const text = textOf(value[name], `${path}.${name}`);
    return text === '' ? [] : [[name, text] as const];
  });
  return { ...Object.fromEntries(texts), ...(typeof tolerationSeconds === 'number' ? { tolerationSeconds } : {}) };
}
