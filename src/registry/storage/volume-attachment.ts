// Volumes that are attached to nodes. https://kubernetes-csi.github.io/docs/external-attacher.html
import { isDeepStrictEqual } from 'node:util';
import type { VolumeAttachment, VolumeAttachmentSource, VolumeError } from '../../../openapi/types/storage.v1.js';
import { fieldForbidden, invalid, required, tooLong } from '../../apimachinery/errors/field-error.js';
import { subdomainProblems } from '../../apimachinery/names/names.js';
import type { Draft } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { check, checkSubdomain, immutableText, needed, type Errors } from '../rules/fields.js';
import { keepAllButStatus, statusHooks } from '../rules/status.js';

const longestError = 1024;
const mostBytes = 256 * 1024;

function sourceErrors(source: Draft<VolumeAttachmentSource>): Errors {
  const { inlineVolumeSpec: inline, persistentVolumeName: name } = source;
  const text = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  if (inline === undefined && name === undefined) return [required('spec.source', text)];
  return inline !== undefined && name !== undefined ? [fieldForbidden('spec.source', text)] : [];
}

function inlineErrors(source: Draft<VolumeAttachmentSource>): Errors {
  const inline = source.inlineVolumeSpec;
  if (inline === undefined || source.persistentVolumeName !== undefined) return [];
  const field = 'spec.source.inlineVolumeSpec';
  const inContext = 'in the context of inline volumes';
  const errors: Errors[number][] = [];
  if (Object.keys(inline.capacity ?? {}).length > 0) errors.push(fieldForbidden(`${field}.capacity`, `may not be specified ${inContext}`));
  if (inline.csi === undefined) errors.push(required(`${field}.csi`, `has to be specified ${inContext}`));
  return errors;
}

function validate(attachment: Draft<VolumeAttachment>): Errors {
  const { attacher, nodeName = '', source = {} } = attachment.spec ?? {};
  const name = source.persistentVolumeName;
  return [
    ...needed('spec.attacher', attacher, (field, value) => check(field, value, (text) => subdomainProblems(text.toLowerCase()))),
    ...sourceErrors(source),
    ...checkSubdomain('spec.nodeName', nodeName),
    ...(name === undefined || source.inlineVolumeSpec !== undefined ? [] : checkSubdomain('spec.source.persistentVolumeName', name)),
    ...inlineErrors(source),
  ];
}

function messageErrors(field: string, error: Draft<VolumeError> | undefined): Errors {
  return (error?.message ?? '').length > longestError ? [tooLong(`${field}.message`, mostBytes)] : [];
}

function statusErrors(attachment: Draft<VolumeAttachment>): Errors {
  const { attachmentMetadata = {}, attachError, detachError } = attachment.status ?? {};
  const size = Object.entries(attachmentMetadata).reduce((sum, [key, value = '']) => sum + key.length + value.length, 0);
  return [
    ...(size > mostBytes ? [tooLong('status.attachmentMetadata', mostBytes)] : []),
    ...messageErrors('status.attachError', attachError),
    ...messageErrors('status.detachError', detachError),
  ];
}

function validateUpdate(now: Draft<VolumeAttachment>, before: Draft<VolumeAttachment>): Errors {
  if (isDeepStrictEqual(now.spec, before.spec)) return [];
  const { attacher = '', nodeName = '', source } = now.spec ?? {};
  const shown = {
    Attacher: attacher,
    Source: { PersistentVolumeName: source?.persistentVolumeName ?? null, InlineVolumeSpec: source?.inlineVolumeSpec ?? null },
    NodeName: nodeName,
  };
  return [invalid('spec', shown, immutableText)];
}

export const volumeAttachment: KindDefinition = {
  group: 'storage.k8s.io',
  version: 'v1',
  resource: 'volumeattachments',
  unconditionalUpdate: false,
  deleteReturnsObject: true,
  strategy: {
    ...statusHooks(() => ({ attached: false })),
    prepareForStatusUpdate: keepAllButStatus,
    validate: (object) => validate(object),
    validateUpdate: (object, old) => validateUpdate(object, old),
    validateStatusUpdate: (object) => statusErrors(object),
  },
  cells: (object, context) => {
    const { spec, status } = object as Draft<VolumeAttachment>;
    return [
      nameOf(object),
      spec?.attacher ?? '',
      spec?.source?.persistentVolumeName ?? '',
      spec?.nodeName ?? '',
      status?.attached ?? false,
      ageOf(object, context),
    ];
  },
};
