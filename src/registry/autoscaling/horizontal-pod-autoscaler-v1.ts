// Horizontal pod autoscalers in their first version: a view of the stored one, the rest in annotations.
import type { HorizontalPodAutoscaler } from '../../../openapi/types/autoscaling.v2.js';
import type { Draft, KubeObject, Mutable } from '../../apimachinery/object.js';
import { isRecord } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { keepField } from '../rules/status.js';
import { readMetrics } from './annotation-reader.js';
import { metricsAnnotation, specAnnotations, statusAnnotations } from './annotations.js';
import { cells } from './cells.js';
import { fromStored, toStored } from './conversion.js';
import { storedDefaults } from './horizontal-pod-autoscaler.js';
import { specErrors, statusErrors } from './rules.js';

function asStored(object: KubeObject): Draft<HorizontalPodAutoscaler> {
  return toStored(object as unknown as Mutable);
}

/** The annotations of the draft, for writing; `{}` of a draft without metadata goes nowhere. */
function annotationsOf(draft: Mutable): Mutable {
  if (!isRecord(draft.metadata)) return {};
  const { annotations } = draft.metadata;
  if (isRecord(annotations)) return annotations;
  const fresh: Mutable = {};
  draft.metadata.annotations = fresh;
  return fresh;
}

/** Takes these annotations from `old`, or away when it has none: they are part of what a write leaves alone. */
function keepAnnotations(draft: Mutable, old: KubeObject | undefined, names: readonly string[]): void {
  const annotations = annotationsOf(draft);
  for (const name of names) {
    const before = old?.metadata.annotations?.[name];
    if (before === undefined) delete annotations[name];
    else annotations[name] = before;
  }
  if (isRecord(draft.metadata) && Object.keys(annotations).length === 0) delete draft.metadata.annotations;
}

/** Writes the draft as it comes back from the store: annotations that cannot be read are gone, others in the server's words. Changes the draft. */
function asKept(draft: Mutable): void {
  const { metadata, spec, status } = fromStored(toStored(draft) as unknown as KubeObject) as unknown as Mutable;
  draft.spec = spec;
  if (draft.status !== undefined) draft.status = status;
  if (!isRecord(draft.metadata) || !isRecord(metadata)) return;
  if (metadata.annotations === undefined) delete draft.metadata.annotations;
  else draft.metadata.annotations = metadata.annotations;
}

function applyDefaults(draft: Mutable): void {
  const { spec } = draft;
  if (!isRecord(spec)) return;
  spec.minReplicas ??= 1;
  const annotation =
    isRecord(draft.metadata) && isRecord(draft.metadata.annotations) ? draft.metadata.annotations[metricsAnnotation] : undefined;
  const metrics = readMetrics(typeof annotation === 'string' ? annotation : undefined) ?? [];
  if (metrics.length === 0) spec.targetCPUUtilizationPercentage ??= 80;
  asKept(draft);
}

export const horizontalPodAutoscalerV1: KindDefinition = {
  group: 'autoscaling',
  version: 'v1',
  resource: 'horizontalpodautoscalers',
  conversion: {
    fromStored,
    toStored: (object) => {
      const stored = toStored(object);
      storedDefaults(stored);
      return stored;
    },
    storedAs: { group: 'autoscaling', version: 'v2' },
  },
  strategy: {
    applyDefaults,
    prepareForCreate: (draft) => {
      draft.status = { currentReplicas: 0, desiredReplicas: 0 };
      keepAnnotations(draft, undefined, statusAnnotations);
    },
    prepareForUpdate: (draft, old) => {
      keepField(draft, old, 'status');
      keepAnnotations(draft, old, statusAnnotations);
    },
    prepareForStatusUpdate: (draft, old) => {
      keepField(draft, old, 'spec');
      keepAnnotations(draft, old, specAnnotations);
    },
    validate: (object) => specErrors(asStored(object).spec ?? {}),
    validateStatusUpdate: (object, old) => statusErrors(asStored(object), old),
  },
  cells: (object, context) => cells(toStored(object as unknown as Mutable) as unknown as KubeObject, context),
};
