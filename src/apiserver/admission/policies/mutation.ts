// Carries out one mutation of a policy on the object of a request.
// https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/#patch-type
import type { CelValue } from '../../../apimachinery/cel/values/value.js';
import { ApiError, internalError } from '../../../apimachinery/errors/api-error.js';
import { applyConfiguration, ConfigurationError } from '../../../apimachinery/managedfields/apply-configuration.js';
import { isRecord, type Mutable } from '../../../apimachinery/object.js';
import { applyJsonPatchWork } from '../../../apimachinery/patch/json-patch.js';
import { convertUnstructured } from '../../../apimachinery/patch/unstructured.js';
import { decodeObject, DecodeError } from '../../../apimachinery/schema/decode.js';
import { decodeObjectWork } from '../../../apimachinery/schema/decode-work.js';
import { quote } from '../../../apimachinery/schema/problems.js';
import { inSlices } from '../../../clock/slices.js';
import type { CompiledMutation } from '../../../registry/admissionregistration/mutation-programs.js';
import type { SharedPrograms } from '../../../registry/admissionregistration/policy-programs.js';
import type { Kind } from '../../../registry/kind.js';
import type { ObjectForm } from '../chain.js';
import { formOf, putObject } from '../webhooks/changed-object.js';
import { jsonPatchProblem } from '../webhooks/patch-problems.js';
import { shownIn } from '../webhooks/review.js';
import { answered } from './authorizer-variables.js';
import { constructedObject, UnusableValue } from './constructed.js';
import { operationsOf } from './operations.js';
import { PolicyProblem } from './params.js';
import { failureText, freshBudget, outcomeOf, policyActivation, type EvaluationInput } from './run.js';

/**
 * Evaluates the mutation on the object as it is now and puts the result in its place. Returns whether anything has changed.
 * Throws PolicyProblem, which the failure policy may let pass, and ApiError for a result that is no such object.
 */
export async function mutate(mutation: CompiledMutation, shared: SharedPrograms, input: EvaluationInput): Promise<boolean> {
  const { request, kind } = input;
  if (kind !== request.kind && kind.customSchema === undefined) throw unconverted(kind, request.kind);
  if (request.form !== undefined && request.kind.customSchema !== undefined) throw unconvertedForm(request.form);
  const outcome = await answered(async () => {
    const budget = freshBudget();
    return outcomeOf(mutation, await policyActivation(shared, input, budget), budget);
  });
  if ('error' in outcome) throw new PolicyProblem(failureText(mutation, outcome.error));
  const before = await shownIn(request, kind, request.object!);
  const form = formOf(request, kind);
  const next =
    mutation.type === 'JSONPatch'
      ? await patched(form, before, operationsOf(mutation, outcome.value))
      : applied(form, request.form !== undefined, before, outcome.value);
  if (next === undefined) return false;
  await putObject(request, kind, next);
  return true;
}

/** The real server looks at built-in kinds in the version of the rule, and then has no way back. */
function unconverted(from: Kind, to: Kind): PolicyProblem {
  return new PolicyProblem(`converting (${from.version}.${from.kind}) to (${to.version}.${to.kind}): unknown conversion`);
}

/** A Scale of a custom resource is taken for a custom resource of another version. */
function unconvertedForm({ apiVersion }: ObjectForm): PolicyProblem {
  return new PolicyProblem(`request to convert CR to an invalid group/version: ${apiVersion}`);
}

/** The object after a JSON Patch; undefined when that changes nothing. */
async function patched(form: ObjectForm, before: unknown, patch: readonly unknown[]): Promise<Mutable | undefined> {
  let changed: unknown;
  try {
    changed = await inSlices(applyJsonPatchWork(before, patch));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { text, test } = await jsonPatchProblem(before, patch, error.message);
    // A test that fails ends the mutation, and is no failure.
    if (test) return undefined;
    throw new PolicyProblem(`JSON Patch: ${text}`);
  }
  if (changed === before) return undefined;
  return strictlyDecoded(form, changed);
}

/** Throws 500, which no failure policy lets pass. */
async function strictlyDecoded(form: ObjectForm, value: unknown): Promise<Mutable> {
  refuseOtherKind(form, value);
  try {
    const { object, problems } = await inSlices(decodeObjectWork(form.schema(), value, { reportUnknown: true }));
    if (problems.length > 0) throw internalError(`strict decoding error: ${problems.join(', ')}`);
    return named(form, object);
  } catch (error) {
    throw error instanceof DecodeError ? internalError(error.message) : error;
  }
}

function refuseOtherKind(form: ObjectForm, value: unknown): void {
  if (!isRecord(value)) return;
  const { apiVersion = form.apiVersion, kind: name = form.kind } = value;
  if (apiVersion === form.apiVersion && name === form.kind) return;
  const shownVersion = typeof apiVersion === 'string' ? apiVersion : '';
  throw internalError(
    `no kind ${quote(typeof name === 'string' ? name : '')} is registered for version ${quote(shownVersion)} in scheme "pkg/runtime/scheme.go:111"`,
  );
}

function named({ apiVersion, kind }: ObjectForm, object: Mutable): Mutable {
  object['apiVersion'] = apiVersion;
  object['kind'] = kind;
  return object;
}

/** The object with the configuration laid over it; undefined when that changes nothing. `apart`: it is none of the resource's own kind. */
function applied(form: ObjectForm, apart: boolean, before: unknown, value: CelValue): Mutable | undefined {
  try {
    const { config, native } = constructedObject(value);
    // Scales, evictions and the like are of no schema that configurations are compared with.
    if (apart) throw new ConfigurationError(`failed to convert patch object to typed object: no corresponding type for ${titleOf(form)}`);
    const changed = applyConfiguration(form.schema(), before, config, native);
    return changed === before ? undefined : named(form, converted(form, changed));
  } catch (error) {
    if (error instanceof UnusableValue) throw new PolicyProblem(error.message);
    if (error instanceof ConfigurationError) throw new PolicyProblem(`error applying patch: ${error.message}`);
    throw error;
  }
}

/** What a body's decoder refuses, this may refuse with other words, or make to fit. */
function converted(form: ObjectForm, value: unknown): Mutable {
  const node = form.schema();
  try {
    return decodeObject(node, value).object;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  try {
    return decodeObject(node, convertUnstructured(node, value)).object;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new PolicyProblem(`unable to convert unstructured object to ${titleOf(form)}: ${error.message}`);
  }
}

function titleOf({ apiVersion, kind }: ObjectForm): string {
  return `${apiVersion.includes('/') ? '' : '/'}${apiVersion}, Kind=${kind}`;
}
