// One version of a custom resource: its schema compiled on first use, and what it makes of objects.
import type { CustomResourceDefinitionVersion } from '../../../openapi/types/apiextensions.v1.js';
import type { FieldError } from '../../apimachinery/errors/field-error.js';
import { isRecord, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import type { SchemaNode } from '../../apimachinery/schema/node.js';
import type { Work } from '../../clock/slices.js';
import type { Schema } from '../apiextensions/schema-walk.js';
import { applyDefaults, hasGaps } from './defaults.js';
import { embeddedWork } from './embedded.js';
import { copyOf } from './fields.js';
import { newListErrors } from './lists.js';
import { pruned } from './prune.js';
import { customNode } from './schema-node.js';
import { blocksRules, rulesNotChecked, rulesWork } from './rules/evaluate.js';
import type { RuleTiming } from './rules/timing.js';
import { structuralOf, type Structural } from './structural.js';
import { ratcheted } from './validation/ratchet.js';
import { partly } from './validation/long.js';
import { compileValidator, type Validator } from './validation/validator.js';
import { ValidationWalk } from './validation/walk.js';

/** What is wrong with an object; as work where it takes long to find. */
export type Found = readonly FieldError[] | Work<readonly FieldError[]>;

const none: readonly FieldError[] = [];

export class CustomVersion {
  readonly name: string;
  readonly schema: Schema;
  #structural: Structural | undefined;
  #node: SchemaNode | undefined;
  #validator: Validator | undefined;
  #statusValidator: Validator | undefined;

  /** What rules found in objects and let be, for the warnings about it. */
  readonly #letBe = new WeakMap<KubeObject, readonly FieldError[]>();

  /** @param meta the node of every object's metadata */
  constructor(
    readonly definition: CustomResourceDefinitionVersion,
    private readonly kind: string,
    private readonly meta: () => SchemaNode,
    private readonly timing?: RuleTiming,
  ) {
    this.name = definition.name;
    const schema: unknown = definition.schema?.openAPIV3Schema;
    this.schema = isRecord(schema) ? schema : {};
  }

  get structural(): Structural {
    return (this.#structural ??= structuralOf(this.schema));
  }

  get node(): SchemaNode {
    return (this.#node ??= customNode(this.structural, this.meta(), this.kind));
  }

  /** Fills in defaults. Changes the draft. */
  applyDefaults(draft: Mutable): void {
    applyDefaults(draft, this.structural);
  }

  /** A stored object as this schema takes it: the object itself when there is nothing to change. */
  settled(object: KubeObject): KubeObject {
    const kept = pruned(object as unknown as Mutable, this.structural);
    if (!hasGaps(kept, this.structural)) return kept as unknown as KubeObject;
    const draft = copyOf(kept) as Mutable;
    this.applyDefaults(draft);
    return draft as unknown as KubeObject;
  }

  /** Without what this schema does not know; the object itself when there is nothing to take away. */
  pruned(object: KubeObject): KubeObject {
    return pruned(object as unknown as Mutable, this.structural) as unknown as KubeObject;
  }

  /** The broken rules of the schema's keywords. */
  schemaErrors(object: KubeObject, old: KubeObject | undefined): Found {
    this.#validator ??= compileValidator(this.schema);
    return found(this.#validator, object, old, this.structural, '');
  }

  /** Those of `status` alone. */
  statusErrors(object: KubeObject, old: KubeObject): Found {
    const place = this.structural.properties.get('status');
    const { status } = object as { status?: unknown };
    if (place === undefined || status === undefined) return [];
    this.#statusValidator ??= compileValidator(place.schema);
    return found(this.#statusValidator, status, (old as { status?: unknown }).status, place, 'status');
  }

  /** The broken rules of objects within the object. */
  embeddedErrors(object: KubeObject): Found {
    return this.structural.hasEmbedded ? embeddedWork(object, this.structural) : none;
  }

  /** The broken rules (`x-kubernetes-validations`), unless what was found before keeps them from being checked. */
  *ruleErrors(object: KubeObject, old: KubeObject | undefined, before: readonly FieldError[]): Work<readonly FieldError[]> {
    const { structural } = this;
    if (!structural.hasRules) return [];
    if (blocksRules(before)) return [rulesNotChecked];
    const { errors, letBe } = yield* rulesWork(object, old, structural, '', true, this.timing);
    if (letBe.length > 0) this.#letBe.set(object, letBe);
    return errors;
  }

  /** What {@link ruleErrors} let be in this object, in words. */
  ruleWarnings(object: KubeObject): readonly string[] {
    return (this.#letBe.get(object) ?? []).map(({ field, message }) => `${field}: ${message}`);
  }

  /** Elements that are in a list twice, unless there were such before. */
  listErrors(object: KubeObject, old: KubeObject | undefined): Found {
    return this.structural.hasSets ? newListErrors(object, old, this.structural) : none;
  }
}

function found(validator: Validator, value: unknown, old: unknown, place: Structural, above: string): Found {
  const walk = new ValidationWalk(above);
  const rest = partly(validator, value, walk);
  const told = (): readonly FieldError[] =>
    walk.errors.length === 0
      ? none
      : ratcheted(walk.errors, value, old, place).map(({ field, reason, message }) => ({ field, reason, message }));
  return rest === undefined ? told() : foundLater(rest, told);
}

function* foundLater(rest: Work<void>, told: () => readonly FieldError[]): Work<readonly FieldError[]> {
  yield* rest;
  return told();
}
