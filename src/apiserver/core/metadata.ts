// metadata on its way in: what the server sets, what a client may not, and the rules.
import { ApiError, badRequest, conflict, modified } from '../../apimachinery/errors/api-error.js';
import { invalid, invalidObject, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import type { KubeObject, Mutable } from '../../apimachinery/object.js';
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

/** What every new object gets. */
export function initialMetadata(core: Core, kind: Kind, metadata: Mutable): void {
  if (typeof metadata['resourceVersion'] === 'string' && metadata['resourceVersion'] !== '') {
    throw new ApiError(500, '', 'resourceVersion should not be set on objects to be created');
  }
  delete metadata['resourceVersion'];
  delete metadata['selfLink'];
  delete metadata['deletionTimestamp'];
  delete metadata['deletionGracePeriodSeconds'];
  metadata['uid'] = core.random.uid();
  metadata['creationTimestamp'] = formatTime(core.clock.now());
  if (kind.generation) metadata['generation'] = 1;
  else delete metadata['generation'];
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

/** Checks that a replacement is of this object and, when it says so, of this version of it; fills in what the server keeps. */
export function settleReplacement(kind: Kind, metadata: Mutable, old: KubeObject, name: string, key: string): void {
  const { metadata: kept } = old;
  if (metadata['name'] === undefined || metadata['name'] === '') metadata['name'] = name;
  else if (metadata['name'] !== name)
    throw badRequest(`the name of the object (${textOf(metadata['name'])}) does not match the name on the URL (${name})`);
  const version = metadata['resourceVersion'];
  if (typeof version === 'string' && version !== '' && version !== '0') {
    if (!/^\d{1,15}$/.test(version)) throw new ApiError(500, '', `strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`);
    if (version !== kept.resourceVersion) throw conflict(kind, name, modified);
  }
  const uid = metadata['uid'];
  if (uid !== undefined && uid !== '' && uid !== kept.uid) {
    const why = `Precondition failed: UID in precondition: ${textOf(uid)}, UID in object meta: ${kept.uid}`;
    throw conflict(kind, name, `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`);
  }
  metadata['resourceVersion'] = kept.resourceVersion;
  metadata['uid'] = kept.uid;
  metadata['creationTimestamp'] ??= kept.creationTimestamp;
  keep(metadata, 'deletionTimestamp', kept.deletionTimestamp);
  keep(metadata, 'deletionGracePeriodSeconds', kept.deletionGracePeriodSeconds);
  if (kept.generation === undefined) delete metadata['generation'];
  else metadata['generation'] = kept.generation;
  if (metadata['generateName'] === undefined) keep(metadata, 'generateName', kept.generateName);
}

/** Throws 422 for a replacement that had to name a version and does not. The real server names the resource there, not the kind. */
export function requireVersion(kind: Kind, name: string, version: unknown): void {
  if (kind.unconditionalUpdate || (typeof version === 'string' && version !== '' && version !== '0')) return;
  throw invalidObject({ group: kind.group, kind: kind.resource }, name, [
    invalid('metadata.resourceVersion', 0, 'must be specified for an update'),
  ]);
}

function keep(metadata: Mutable, field: string, value: unknown): void {
  if (value === undefined) delete metadata[field];
  else metadata[field] = value;
}

/** A value as messages show names. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
