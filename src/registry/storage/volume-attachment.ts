// Volumes that are attached to nodes. https://kubernetes-csi.github.io/docs/external-attacher.html
import { isDeepStrictEqual } from 'node:util';
import type { VolumeAttachment, VolumeAttachmentSource, VolumeError } from '../../../openapi/types/storage.v1.js';
import { fieldForbidden, invalid, required, tooLong } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { checkSubdomain, immutableText, needed, type Errors } from '../rules/fields.js';
import { shownAs } from '../rules/shown.js';
import { keepAllButStatus, statusHooks } from '../rules/status.js';
import { attachmentSpec, inlineVolumeErrors } from './inline-volume.js';
import { driverNameErrors } from './names.js';

const longestError = 1024;
const mostBytes = 256 * 1024;

function sourceErrors(source: Draft<VolumeAttachmentSource>): Errors {
  const { inlineVolumeSpec: inline, persistentVolumeName: name } = source;
  const text = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  if (inline === undefined && name === undefined) return [required('spec.source', text)];
  return inline !== undefined && name !== undefined ? [fieldForbidden('spec.source', text)] : [];
}

function nameErrors({ persistentVolumeName: name, inlineVolumeSpec: inline }: Draft<VolumeAttachmentSource>): Errors {
  if (name === undefined || inline !== undefined) return [];
  const field = 'spec.source.persistentVolumeName';
  return [...(name === '' ? [required(field, 'must specify non empty persistentVolumeName')] : []), ...checkSubdomain(field, name)];
}

function validate(attachment: Draft<VolumeAttachment>): Errors {
  const { attacher, nodeName = '', source = {} } = attachment.spec ?? {};
  const { inlineVolumeSpec: inline, persistentVolumeName: name } = source;
  return [
    ...needed('spec.attacher', attacher, driverNameErrors),
    ...sourceErrors(source),
    ...checkSubdomain('spec.nodeName', nodeName),
    ...nameErrors(source),
    ...(inline === undefined || name !== undefined ? [] : inlineVolumeErrors('spec.source.inlineVolumeSpec', inline)),
  ];
}

function faultErrors(field: string, fault: Draft<VolumeError> | undefined): Errors {
  const { message = '', errorCode: code = 0 } = fault ?? {};
  return [
    ...(message.length > longestError ? [tooLong(`${field}.message`, mostBytes)] : []),
    ...(code < 0 ? [invalid(`${field}.errorCode`, code, 'must be between 0 and 2147483647, inclusive')] : []),
  ];
}

function statusErrors(attachment: Draft<VolumeAttachment>): Errors {
  const { attachmentMetadata = {}, attachError, detachError } = attachment.status ?? {};
  const size = Object.entries(attachmentMetadata).reduce((sum, [key, value = '']) => sum + key.length + value.length, 0);
  return [
    ...(size > mostBytes ? [tooLong('status.attachmentMetadata', mostBytes)] : []),
    ...faultErrors('status.attachError', attachError),
    ...faultErrors('status.detachError', detachError),
  ];
}

function validateUpdate(now: Draft<VolumeAttachment>, before: Draft<VolumeAttachment>): Errors {
  if (isDeepStrictEqual(now.spec, before.spec)) return [];
  return [invalid('spec', shownAs(attachmentSpec, now.spec ?? {}), immutableText)];
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
    statusResetFields: { 'f:metadata': {}, 'f:spec': {} },
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
