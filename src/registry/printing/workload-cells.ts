// Cells that workloads share: what runs in their pods and which pods are theirs.
import type { PodSpec } from '../../../openapi/types/core.v1.js';
import type { LabelSelector } from '../../../openapi/types/meta.v1.js';
import { compileLabelSelector, SelectorError } from '../../apimachinery/selectors/labels.js';

/** The names of the containers and their images, each as one text. */
export function containerCells(spec: PodSpec | undefined): readonly [names: string, images: string] {
  const containers = spec?.containers ?? [];
  return [containers.map(({ name }) => name).join(','), containers.map(({ image }) => image ?? '').join(',')];
}

/** A selector in its string form, `<none>` when it selects by nothing. */
export function selectorText(selector: LabelSelector | undefined): string {
  if (selector === undefined) return '<none>';
  try {
    return compileLabelSelector(selector).toString() || '<none>';
  } catch (error) {
    if (error instanceof SelectorError) return '<error>';
    throw error;
  }
}
