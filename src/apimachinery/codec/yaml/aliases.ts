// Keeps aliases from making much of little. https://nvd.nist.gov/vuln/detail/CVE-2019-11253
import { YamlProblem } from './source.js';

/** Aliases and nodes that are always allowed. */
const [fewAliased, fewNodes] = [100, 1000];

/** Up to so many nodes nearly all may come of aliases, from so many on only a tenth. */
const [small, large] = [400_000, 4_000_000];
const [mostOfSmall, mostOfLarge] = [0.99, 0.1];

export class AliasBudget {
  /** Nodes so far, those of aliases written out. */
  nodes = 0;
  private aliased = 0;

  count(): void {
    this.nodes++;
  }

  /** An alias for a value of so many nodes. Throws YamlProblem when aliases make up too much. */
  expand(nodes: number): void {
    this.nodes += nodes + 1;
    this.aliased += nodes;
    if (this.aliased > fewAliased && this.nodes > fewNodes && this.aliased / this.nodes > allowed(this.nodes)) {
      throw new YamlProblem('yaml: document contains excessive aliasing');
    }
  }
}

/** The part of all nodes that may come of aliases. */
function allowed(nodes: number): number {
  if (nodes <= small) return mostOfSmall;
  if (nodes >= large) return mostOfLarge;
  return mostOfSmall - (mostOfSmall - mostOfLarge) * ((nodes - small) / (large - small));
}
