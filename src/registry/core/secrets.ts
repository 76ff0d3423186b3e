// Secrets. https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/secret-v1/
import type { Secret } from '../../../openapi/types/core.v1.js';
import { invalid, required, tooLong, type FieldError } from '../../apimachinery/errors/field-error.js';
import { isRecord, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { immutable } from '../rules/fields.js';
import { configKeyErrors } from './config-keys.js';
import { decodedLength, frozenErrors, mostData } from './configmaps.js';

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
  const text = Buffer.from(base64, 'base64').toString('utf8');
  try {
    JSON.parse(text);
    return [];
  } catch {
    // What is wrong is told as the real server tells it, never with the secret.
    const why =
      text.trim() === '' ? 'unexpected end of JSON input' : `invalid character '${text.trim()[0]}' looking for beginning of value`;
    return [invalid(field, '<secret contents redacted>', why)];
  }
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
    if (value === undefined) return [required(`data[${key}]`)];
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
  if (type !== 'kubernetes.io/tls' || data?.['tls.crt'] === undefined) return [];
  const certificate = Buffer.from(data['tls.crt'], 'base64').toString('latin1');
  return certificate.includes('-----BEGIN ') ? [] : ['tls: failed to find any PEM data in certificate input'];
}

export const secrets: KindDefinition = {
  group: '',
  version: 'v1',
  resource: 'secrets',
  selectableFields: { type: (object) => (object as Secret).type ?? '' },
  indexedFields: ['type'],
  strategy: {
    applyDefaults,
    // An update that says no type keeps the old one's only if it is the default's; the type may not change.
    validate,
    validateUpdate: (object, old) => [
      ...immutable('type', (object as Secret).type, (old as Secret).type),
      ...frozenErrors(object as Secret, old as Secret, ['data']),
    ],
    warnings,
  },
  cells: (object, context) => {
    const { type, data } = object as Secret;
    return [nameOf(object), type ?? '', Object.keys(data ?? {}).length, ageOf(object, context)];
  },
};
