// Secrets. https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/secret-v1/
import type { Secret } from '../../../openapi/types/core.v1.js';
import { invalid, required, tooLong, type FieldError } from '../../apimachinery/errors/field-error.js';
import { isRecord, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { immutable } from '../rules/fields.js';
import { configKeyErrors } from './config-keys.js';
import { decodedLength, frozenErrors, mostData } from './configmaps.js';
import { readText } from './json-text.js';
import { keyPairProblem } from './key-pair.js';
import { metadataAgain } from './metadata-again.js';

/** `stringData` is how clients write texts; it is stored in `data`. The type of an untyped secret is `Opaque`. */
function applyDefaults(draft: Mutable): void {
  draft['type'] ??= 'Opaque';
  const texts = draft['stringData'];
  if (!isRecord(texts)) return;
  const data: Record<string, string> = { ...(isRecord(draft['data']) ? (draft['data'] as Record<string, string>) : {}) };
  for (const [key, text] of Object.entries(texts)) data[key] = Buffer.from(String(text)).toString('base64');
  draft['data'] = data;
  delete draft['stringData'];
}

/** The keys that a type asks for. https://kubernetes.io/docs/concepts/configuration/secret/#secret-types */
const neededKeys: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};
const jsonKeys = ['.dockerconfigjson', '.dockercfg'];
const accountAnnotation = 'kubernetes.io/service-account.name';

function jsonErrors(field: string, base64: string): FieldError[] {
  const read = readText(Buffer.from(base64, 'base64').toString('utf8'), 'object', 'map[string]interface {}');
  return 'problem' in read ? [invalid(field, '<secret contents redacted>', read.problem)] : [];
}

function typeErrors({ type = '', data = {}, metadata }: Secret): FieldError[] {
  if (type === 'kubernetes.io/service-account-token') {
    return metadata.annotations?.[accountAnnotation] ? [] : [required(`metadata.annotations[${accountAnnotation}]`)];
  }
  if (type === 'kubernetes.io/basic-auth') {
    const found = data['username'] !== undefined || data['password'] !== undefined;
    return found ? [] : [required('data[username]'), required('data[password]')];
  }
  return (neededKeys[type] ?? []).flatMap((key) => {
    const value = data[key];
    if (value === undefined || (value === '' && key === 'ssh-privatekey')) return [required(`data[${key}]`)];
    return jsonKeys.includes(key) ? jsonErrors(`data[${key}]`, value) : [];
  });
}

function validate(object: KubeObject): FieldError[] {
  const secret = object as Secret;
  const errors: FieldError[] = [];
  let total = 0;
  for (const [key, value] of Object.entries(secret.data ?? {})) {
    errors.push(...configKeyErrors(`data[${key}]`, key));
    total += decodedLength(value);
  }
  if (total > mostData) errors.push(tooLong('data', mostData));
  errors.push(...typeErrors(secret));
  return errors;
}

function warnings(object: KubeObject): readonly string[] {
  const { type, data } = object as Secret;
  const certificate = data?.['tls.crt'];
  const key = data?.['tls.key'];
  if (type !== 'kubernetes.io/tls' || certificate === undefined || key === undefined) return [];
  const why = keyPairProblem(Buffer.from(certificate, 'base64').toString('latin1'), Buffer.from(key, 'base64').toString('latin1'));
  return why === undefined ? [] : [why];
}

export const secrets: KindDefinition = {
  group: '',
  version: 'v1',
  resource: 'secrets',
  selectableFields: { type: (object) => (object as Secret).type ?? '' },
  indexedFields: ['type'],
  strategy: {
    applyDefaults,
    // At an update what may not change comes first.
    validate: (object, old) => (old === undefined ? validate(object) : []),
    validateUpdate: (object, old) => [
      ...metadataAgain(object),
      ...immutable('type', (object as Secret).type, (old as Secret).type),
      ...frozenErrors(object as Secret, old as Secret, ['data']),
      ...validate(object),
    ],
    warnings,
  },
  cells: (object, context) => {
    const { type, data } = object as Secret;
    return [nameOf(object), type ?? '', Object.keys(data ?? {}).length, ageOf(object, context)];
  },
};
