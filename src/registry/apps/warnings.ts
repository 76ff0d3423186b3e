// What the API warns of in the template of a workload.
import type { PodTemplateSpec } from '../../../openapi/types/core.v1.js';
import type { KubeObject } from '../../apimachinery/object.js';
import { podSpecWarnings } from '../core/podspec/warnings.js';

/** Warnings of a template that stands at `field`. */
export function templateWarnings(template: PodTemplateSpec | undefined, field = 'spec.template'): string[] {
  return podSpecWarnings(`${field}.spec`, template?.spec, template?.metadata, `${field}.metadata`);
}

/** Whether a write changes what stands beside metadata and status: other writes are not warned of what is as it was. */
export function changesContent(object: KubeObject, old: KubeObject | undefined): boolean {
  return old === undefined || object.metadata.generation !== old.metadata.generation;
}
