// The bounds of a rolling update, of deployments and of daemon sets.
// https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
import { isRecord, type Mutable } from '../../apimachinery/object.js';

/** The bounds of a rolling update as messages show them, and as they are kept under a strategy that does not use them. */
interface RollingBounds {
  readonly maxUnavailable?: string | number;
  readonly maxSurge?: string | number;
}

/** A strategy of this type with the bounds of its rolling update, as messages show it. */
export function shownStrategy(type: string | undefined, bounds: RollingBounds | undefined): unknown {
  return {
    Type: type ?? '',
    RollingUpdate: bounds === undefined ? null : { MaxUnavailable: bounds.maxUnavailable ?? 0, MaxSurge: bounds.maxSurge ?? 0 },
  };
}

/** Makes a hook that fills in the bounds of the rolling update at `spec.<field>`: these when the strategy is one, else zeros. */
export function boundsDefaults(field: string, maxUnavailable: string | number, maxSurge: string | number): (draft: Mutable) => void {
  return ({ spec }) => {
    const strategy = isRecord(spec) ? spec[field] : undefined;
    if (!isRecord(strategy)) return;
    const rolling = strategy['type'] === 'RollingUpdate';
    if (rolling) strategy['rollingUpdate'] ??= {};
    const bounds = strategy['rollingUpdate'];
    if (!isRecord(bounds)) return;
    bounds['maxUnavailable'] ??= rolling ? maxUnavailable : 0;
    bounds['maxSurge'] ??= rolling ? maxSurge : 0;
  };
}
