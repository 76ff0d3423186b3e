// Checks that a body is of the kind that its path serves.
import { badRequest } from '../errors/api-error.js';
import { apiVersionOf, isRecord, parseApiVersion, type GroupVersionKind } from '../object.js';
import { jsonType } from '../schema/problems.js';
import { SyntaxProblem } from './json-reader.js';
import { YamlProblem } from './yaml.js';

/** How the real server names what it reads apiVersion and kind into. */
const typeMeta = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/**
 * The kind of a body: what it says, filled in from `expected` where it says nothing.
 * Throws SyntaxProblem when it is no object or says it in no strings, YamlProblem (words only) for a malformed apiVersion, and ApiError 400 for another kind than expected.
 */
export function checkKind(
  value: unknown,
  bytes: Uint8Array,
  expected: GroupVersionKind,
  isKnown: (kind: GroupVersionKind) => boolean = () => false,
): GroupVersionKind {
  if (value === null || value === undefined) return expected;
  checkTypes(value);
  const kind = typeof value.kind === 'string' && value.kind !== '' ? value.kind : expected.kind;
  const apiVersion = typeof value.apiVersion === 'string' ? value.apiVersion : '';
  const wanted = apiVersionOf(expected.group, expected.version);
  if (apiVersion === '' || apiVersion === '/' || apiVersion === wanted || apiVersion === `/${wanted}`) {
    if (kind === expected.kind) return expected;
    return refuse({ group: expected.group, version: expected.version, kind }, wanted, expected, isKnown);
  }
  if (apiVersion.split('/').length > 2) throw new YamlProblem(`unexpected GroupVersion string: ${apiVersion}`);
  if (apiVersion.endsWith('/')) {
    const text = Buffer.from(bytes).toString();
    throw badRequest(`${kind} in version "" cannot be handled as a ${expected.kind}: Object 'apiVersion' is missing in '${text}'`);
  }
  return refuse({ ...parseApiVersion(apiVersion), kind }, apiVersion, expected, isKnown);
}

/** As {@link checkKind} for a custom resource: its body must name its kind and its version. Another kind is refused later, with the object's other faults. */
export function checkCustomKind(value: unknown, bytes: Uint8Array, expected: GroupVersionKind): GroupVersionKind {
  const missing = (): never => {
    throw new YamlProblem(`Object 'Kind' is missing in '${Buffer.from(bytes).toString()}'`);
  };
  if (value === null || value === undefined) return missing();
  checkTypes(value);
  if (!isRecord(value) || typeof value.kind !== 'string' || value.kind === '') return missing();
  const apiVersion = typeof value.apiVersion === 'string' ? value.apiVersion : '';
  const wanted = apiVersionOf(expected.group, expected.version);
  if (apiVersion !== wanted)
    throw badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (${wanted})`);
  return { ...expected, kind: value.kind };
}

/** Throws SyntaxProblem for what is no object, or whose kind or apiVersion is no string. */
function checkTypes(value: unknown): asserts value is Record<string, unknown> {
  if (!isRecord(value)) throw new SyntaxProblem(`json: cannot unmarshal ${jsonType(value)} into Go value of type ${typeMeta}`);
  for (const key in value) {
    const one = value[key];
    if ((key === 'apiVersion' || key === 'kind') && typeof one !== 'string' && one !== null) {
      throw new SyntaxProblem(`json: cannot unmarshal ${jsonType(one)} into Go struct field .${key} of type string`);
    }
  }
}

function refuse(
  found: GroupVersionKind,
  apiVersion: string,
  expected: GroupVersionKind,
  isKnown: (kind: GroupVersionKind) => boolean,
): never {
  const handled = `${found.kind} in version "${found.version}" cannot be handled as a ${expected.kind}: `;
  if (!isKnown(found)) {
    throw badRequest(`${handled}no kind "${found.kind}" is registered for version "${apiVersion}" in scheme "pkg/runtime/scheme.go:111"`);
  }
  if (convertible(found, expected)) {
    const wanted = apiVersionOf(expected.group, expected.version);
    throw badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (${wanted})`);
  }
  const types = `converting (${found.version}.${found.kind}) to (${packageOf(expected.group)}.${expected.kind})`;
  throw badRequest(`${handled}${types}: unknown conversion`);
}

/** Whether two kinds are versions of one: the same kind and group, or the events of both groups. */
function convertible(found: GroupVersionKind, expected: GroupVersionKind): boolean {
  if (found.kind !== expected.kind) return false;
  return packageOf(found.group) === packageOf(expected.group);
}

/** What a group is called inside the real server: the first label of its name. Events are of the core group there. */
export function packageOf(group: string): string {
  if (group === '' || group === 'events.k8s.io') return 'core';
  return group.split('.')[0]!;
}
