// Which manager a request writes as, and which fields its endpoint leaves alone.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
import { apiVersionOf, parseApiVersion, type KubeObject, type ManagedFieldsEntry, type Mutable } from '../../apimachinery/object.js';
import type { FieldSet } from '../../apimachinery/managedfields/field-set.js';
import { statusFields, updateManagedFieldsWork, type Writer } from '../../apimachinery/managedfields/update.js';
import type { OtherVersion, OtherVersions } from '../../apimachinery/managedfields/versions.js';
import { decodeObject, DecodeError } from '../../apimachinery/schema/decode.js';
import type { Work } from '../../clock/slices.js';
import { formatTime } from '../../clock/clock.js';
import type { Kind } from '../../registry/kind.js';
import type { ApiRequest } from './api-request.js';
import type { Core } from './core.js';
import { asStored, inVersion } from './versions.js';

export function writerOf(core: Core, request: ApiRequest): Writer {
  return {
    manager: request.options.fieldManager ?? managerOfUserAgent(request.userAgent),
    apiVersion: apiVersionOf(request.kind.group, request.kind.version),
    subresource: request.subresource,
    time: formatTime(core.clock.now()),
  };
}

/** The user agent's part before the first slash, as the real server names a manager that does not name itself. */
export function managerOfUserAgent(userAgent: string): string {
  const slash = userAgent.indexOf('/');
  const name = decoded(slash < 0 ? userAgent : userAgent.slice(0, slash)).slice(0, 128);
  return name === '' ? 'unknown' : name;
}

/** Headers come byte for byte; a name beyond ASCII is UTF-8. */
function decoded(name: string): string {
  return /^[\0-\x7f]*$/.test(name) || !/^[\0-\xff]*$/.test(name) ? name : Buffer.from(name, 'latin1').toString('utf8');
}

const onlyStatus: FieldSet = { 'f:spec': {} };
/** Of a CertificateSigningRequest: who approves does not sign. */
const onlyApproval: FieldSet = { 'f:spec': {}, 'f:status': { 'f:certificate': {} } };

/** Fields that a write through this endpoint cannot set: nobody comes to own them by it. */
export function resetFieldsOf(kind: Kind, subresource: string): FieldSet | undefined {
  if (!kind.subresources.has('status')) return undefined;
  // A pod's own subresources take anything for the writer's; what they may not change is put back afterwards.
  if (subresource === 'ephemeralcontainers' || subresource === 'resize') return undefined;
  if (subresource === 'approval') return onlyApproval;
  return subresource === 'status' ? (kind.strategy.statusResetFields ?? onlyStatus) : (kind.strategy.resetFields ?? statusFields);
}

/** Per kind, what {@link otherVersionsOf} gives. A memo, not state: it goes with the kind. */
const otherVersions = new WeakMap<Kind, OtherVersions>();

/** The other versions of the kind's group that it is served in: their managers' fields are theirs. */
export function otherVersionsOf({ registry }: Core, kind: Kind): OtherVersions | undefined {
  // Where somebody else converts, fields are taken for those of this version.
  if (kind.conversion?.prepare !== undefined) return undefined;
  let found = otherVersions.get(kind);
  if (found === undefined) {
    otherVersions.set(
      kind,
      (found = (apiVersion) => {
        const { group, version } = parseApiVersion(apiVersion);
        if (group !== kind.group || version === kind.version) return undefined;
        const other = registry.byResource(group, version, kind.resource);
        return other === undefined || other.prefix !== kind.prefix ? undefined : otherVersion(kind, other);
      }),
    );
  }
  return found;
}

function otherVersion(kind: Kind, other: Kind): OtherVersion {
  return {
    node: other.schema(),
    convert: (value) => convertKind(kind, other, value),
    convertBack: (value) => convertKind(other, kind, value),
  };
}

/** What cannot be read as an object of the kind is refused elsewhere: here it stays as it is. */
function convertKind(from: Kind, to: Kind, value: unknown): unknown {
  let object: Mutable;
  try {
    object = decodeObject(from.schema(), value).object;
  } catch (error) {
    if (error instanceof DecodeError) return value;
    throw error;
  }
  return inVersion(to, asStored(from, object));
}

/** Keeps the books of a write: sets `managedFields` of the draft. Yields between the steps that are long for a long object. */
export function* keepManagedFieldsWork(
  core: Core,
  request: ApiRequest,
  draft: Mutable,
  metadata: Mutable,
  old: KubeObject | undefined,
  long = true,
): Work<void> {
  const { kind, subresource } = request;
  const { manager, apiVersion, time } = writerOf(core, request);
  // Written out: an object spread with more fields after it takes as long as the rest of the bookkeeping.
  const managedFields: readonly ManagedFieldsEntry[] | undefined = yield* updateManagedFieldsWork({
    manager,
    apiVersion,
    subresource,
    time,
    node: kind.schema(),
    old,
    new: draft,
    resetFields: resetFieldsOf(kind, subresource),
    otherVersions: otherVersionsOf(core, kind),
    long,
  });
  if (managedFields === undefined || managedFields.length === 0) delete metadata['managedFields'];
  else metadata['managedFields'] = managedFields;
}
