// metadata on its way in: what the server sets, what a client may not, and the rules.
import { ApiError, badRequest, conflict, modified } from '../../apimachinery/errors/api-error.js';
import { invalid, invalidObject, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { isRecord, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import { validateObjectMeta, validateObjectMetaUpdate } from '../../apimachinery/names/object-meta.js';
import { formatTime } from '../../clock/clock.js';
import type { Kind } from '../../registry/kind.js';
import type { Core } from './core.js';

/** As many characters of `generateName` are kept as leave room for the suffix in 63. */
const longestGenerated = 58;

/** Sets the namespace of the URL; 400 when the object names another. */
export function settleNamespace(kind: Kind, metadata: Mutable, namespace: string): void {
  if (!kind.namespaced) {
    // Taken without a word, and forgotten.
    delete metadata['namespace'];
    return;
  }
  const given = metadata['namespace'];
  if (given !== undefined && given !== '' && given !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  metadata['namespace'] = namespace;
}

/** Takes away what no client sets of a new object: admission does not see it. */
export function wipeMetadata(metadata: Mutable, dryRun: boolean): void {
  // Only what would be stored is looked at: a dry run answers with the version that it was given.
  if (!dryRun) {
    const version = metadata['resourceVersion'];
    if (typeof version === 'string' && isVersionNumber(version)) {
      throw new ApiError(500, '', 'resourceVersion should not be set on objects to be created');
    }
    remove(metadata, 'resourceVersion');
  }
  for (const field of serverFields) remove(metadata, field);
}

const serverFields = ['selfLink', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'uid', 'creationTimestamp'] as const;

/** To delete what is not there takes as long as to delete what is. */
function remove(metadata: Mutable, field: string): void {
  if (metadata[field] !== undefined) delete metadata[field];
}

/** What every new object gets, once mutating admission has seen it. */
export function initialMetadata(core: Core, kind: Kind, metadata: Mutable): void {
  metadata['uid'] = core.random.uid();
  metadata['creationTimestamp'] = formatTime(core.clock.now());
  // Kinds that do not count keep what they are given.
  if (kind.generation) metadata['generation'] = 1;
  else if (metadata['generation'] === 0) delete metadata['generation'];
}

/** Whether the text is a number that may be a version; of other texts the real server makes nothing when it creates an object. */
function isVersionNumber(text: string): boolean {
  if (!/^\d{1,40}$/.test(text)) return false;
  const number = BigInt(text);
  return number > 0n && number < 1n << 64n;
}

/** A list of owners without those that are the same as an earlier one, with a warning when there were some. Changes metadata. */
export function settleOwners(metadata: Mutable, warnings: string[], admitted: boolean): void {
  const owners = metadata['ownerReferences'];
  if (!Array.isArray(owners) || owners.length < 2) return;
  const given: readonly unknown[] = owners;
  // Only those of one uid can be the same; a real list has each uid once.
  const ofUid = new Map<unknown, unknown[]>();
  const kept: unknown[] = [];
  const twice: string[] = [];
  for (const owner of given) {
    const uid = isRecord(owner) ? owner['uid'] : undefined;
    const earlier = ofUid.get(uid);
    if (earlier?.some((one) => deepEqual(one, owner)) === true) {
      twice.push(textOf(uid ?? ''));
      continue;
    }
    if (earlier === undefined) ofUid.set(uid, [owner]);
    else earlier.push(owner);
    kept.push(owner);
  }
  if (twice.length === 0) return;
  metadata['ownerReferences'] = kept;
  const when = admitted ? ' after mutating admission happens' : '';
  warnings.push(
    `.metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${twice.join(', ')}`,
  );
}

/** Fills in `name` from `generateName`; returns whether it did, so that a taken name can be tried again. */
export function generateName(core: Core, metadata: Mutable): boolean {
  const name = metadata['name'];
  const base = metadata['generateName'];
  if ((name !== undefined && name !== '') || typeof base !== 'string' || base === '') return false;
  metadata['name'] = base.slice(0, longestGenerated) + core.random.suffix(5);
  return true;
}

export function metadataErrors(kind: Kind, object: KubeObject): readonly FieldError[] {
  if (object.metadata.name === undefined || object.metadata.name === '')
    return [required('metadata.name', 'name or generateName is required')];
  return validateObjectMeta(object.metadata, kind);
}

export function metadataUpdateErrors(object: KubeObject, old: KubeObject): readonly FieldError[] {
  return validateObjectMetaUpdate(object.metadata, old.metadata);
}

/**
 * Checks that a replacement is of this object and, when it says so, of this version of it; fills in what the server keeps. Another uid is a
 * failed precondition, or is left to be refused as a change.
 */
export function settleReplacement(kind: Kind, metadata: Mutable, old: KubeObject, name: string, key: string, precondition = true): void {
  const { metadata: kept } = old;
  if (metadata['name'] === undefined || metadata['name'] === '')
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  if (metadata['name'] !== name)
    throw badRequest(`the name of the object (${textOf(metadata['name'])}) does not match the name on the URL (${name})`);
  const version = metadata['resourceVersion'];
  if (typeof version === 'string' && version !== '' && version !== '0') {
    if (!/^\d{1,15}$/.test(version)) throw new ApiError(500, '', `strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`);
    if (version !== kept.resourceVersion) throw conflict(kind, name, modified);
  }
  const uid = metadata['uid'];
  if (uid !== undefined && uid !== '' && uid !== kept.uid && precondition) {
    const why = `Precondition failed: UID in precondition: ${textOf(uid)}, UID in object meta: ${kept.uid}`;
    throw conflict(kind, name, `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`);
  }
  metadata['resourceVersion'] = kept.resourceVersion;
  if (uid === undefined || uid === '') metadata['uid'] = kept.uid;
  metadata['creationTimestamp'] = kept.creationTimestamp;
  // The time of a deletion is put back without a word; one that there is not yet, and the grace period, are refused later.
  if (kept.deletionTimestamp !== undefined || isAbsent(metadata['deletionTimestamp']))
    keep(metadata, 'deletionTimestamp', kept.deletionTimestamp);
  if (isAbsent(metadata['deletionGracePeriodSeconds'])) keep(metadata, 'deletionGracePeriodSeconds', kept.deletionGracePeriodSeconds);
  if (kept.generation === undefined) delete metadata['generation'];
  else metadata['generation'] = kept.generation;
}

/** Throws 422 for a replacement that had to name a version and does not. The real server names the resource there, not the kind. */
export function requireVersion(kind: Kind, name: string, version: unknown): void {
  if (kind.unconditionalUpdate || (typeof version === 'string' && version !== '' && version !== '0')) return;
  throw invalidObject({ group: kind.group, kind: kind.resource }, name, [
    invalid('metadata.resourceVersion', 0, 'must be specified for an update'),
  ]);
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function keep(metadata: Mutable, field: string, value: unknown): void {
  if (value === undefined) delete metadata[field];
  else metadata[field] = value;
}

/** A value as messages show names. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
