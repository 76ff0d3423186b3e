// Certificate signing requests. https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/
import { formatTime } from '../../clock/clock.js';
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '../../../openapi/types/certificates.v1.js';
import { duplicate, fieldForbidden, invalid, required } from '../../apimachinery/errors/field-error.js';
import type { Draft, KubeObject, Mutable } from '../../apimachinery/object.js';
import { isRecord } from '../../apimachinery/object.js';
import type { Cell, KindDefinition, StrategyContext, TableContext } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { humanDuration } from '../printing/duration.js';
import { each, immutable, needed, oneOf, type Errors } from '../rules/fields.js';
import { keepField } from '../rules/status.js';
import { certificateErrors, requestErrors, signerNameErrors, usages } from './rules.js';

type Condition = Draft<CertificateSigningRequestCondition>;

const shortest = 600;
/** Conditions that a signer may not decide, only an approver. */
const approvals = ['Approved', 'Denied'];

function conditionsOf(object: Draft<CertificateSigningRequest>): readonly Condition[] {
  return object.status?.conditions ?? [];
}

function validate(object: Draft<CertificateSigningRequest>): Errors {
  const { request, usages: asked = [], signerName, expirationSeconds: seconds } = object.spec ?? {};
  const seen = new Set<string>();
  return [
    ...requestErrors('spec.request', request),
    ...(asked.length === 0 ? [required('spec.usages')] : []),
    ...each('spec.usages', asked, (field, usage = 'any') => {
      const errors = [...oneOf(field, usage, usages), ...(seen.has(usage) ? [duplicate(field, usage)] : [])];
      seen.add(usage);
      return errors;
    }),
    ...needed('spec.signerName', signerName, signerNameErrors),
    ...(seconds !== undefined && seconds < shortest
      ? [invalid('spec.expirationSeconds', seconds, `may not specify a duration less than ${shortest} seconds (10 minutes)`)]
      : []),
  ];
}

function conditionErrors(object: Draft<CertificateSigningRequest>): Errors {
  const seen = new Set<string>();
  return each('status.conditions', conditionsOf(object), (field, { type = '', status = '' }) => {
    const errors: Errors[number][] = [];
    const decided = type === 'Approved' || type === 'Denied' || type === 'Failed';
    if (type === '') errors.push(required(`${field}.type`));
    else if (seen.has(type)) errors.push(duplicate(`${field}.type`, type));
    if (status === '') errors.push(required(`${field}.status`));
    else errors.push(...oneOf(`${field}.status`, status, decided ? ['True'] : ['False', 'True', 'Unknown']));
    if ((type === 'Approved' && seen.has('Denied')) || (type === 'Denied' && seen.has('Approved'))) {
      errors.push(invalid('status.conditions', type, 'Approved and Denied conditions are mutually exclusive'));
    }
    seen.add(type);
    return errors;
  });
}

/** Decided conditions stay; only the approval subresource adds approvals and denials. */
function changeErrors(now: Draft<CertificateSigningRequest>, before: Draft<CertificateSigningRequest>, approval: boolean): Errors {
  const field = 'status.conditions';
  const same = (a: Condition, b: Condition): boolean => a.type === b.type;
  const guarded = [...approvals, 'Failed'];
  const removed = guarded.filter((type) =>
    conditionsOf(before).some((one) => one.type === type && !conditionsOf(now).some((two) => same(one, two))),
  );
  const added = approval
    ? []
    : approvals.filter((type) => conditionsOf(now).some((one) => one.type === type && !conditionsOf(before).some((two) => same(one, two))));
  return [
    ...removed.map((type) => fieldForbidden(field, `updates may not remove a condition of type "${type}"`)),
    ...added.map((type) => fieldForbidden(field, `updates may not add a condition of type "${type}"`)),
  ];
}

function issueErrors(now: Draft<CertificateSigningRequest>, before: Draft<CertificateSigningRequest>): Errors {
  const certificate = now.status?.certificate ?? '';
  const last = before.status?.certificate ?? '';
  const field = 'status.certificate';
  if (last !== '' && certificate !== last) return [fieldForbidden(field, 'updates may not modify existing certificate content')];
  if (certificate === '' || certificate === last) return [];
  return certificateErrors(field, certificate);
}

function prepareForCreate(draft: Mutable, { user }: StrategyContext): void {
  draft.status = {};
  const { spec } = draft;
  if (!isRecord(spec)) return;
  for (const field of ['username', 'uid', 'groups', 'extra']) delete spec[field];
  if (user.name !== '') spec.username = user.name;
  if (user.uid !== undefined && user.uid !== '') spec.uid = user.uid;
  if (user.groups.length > 0) spec.groups = [...user.groups];
  if (user.extra !== undefined && Object.keys(user.extra).length > 0) spec.extra = user.extra;
}

/** The old condition, if this one is of a type that approvers decide. */
function decided(condition: unknown, before: Draft<CertificateSigningRequest>): unknown {
  const type = isRecord(condition) ? condition.type : undefined;
  if (typeof type !== 'string' || !approvals.includes(type)) return undefined;
  const last = conditionsOf(before).find((one) => one.type === type);
  return last === undefined ? undefined : { ...last };
}

function prepareForStatusUpdate(draft: Mutable, old: KubeObject, { clock }: StrategyContext, subresource?: string): void {
  keepField(draft, old, 'spec');
  const before = old as Draft<CertificateSigningRequest>;
  const status: Mutable = isRecord(draft.status) ? draft.status : {};
  draft.status = status;
  if (subresource === 'approval') {
    // Approvers decide, they do not sign.
    if (before.status?.certificate === undefined) delete status.certificate;
    else status.certificate = before.status.certificate;
  }
  if (!Array.isArray(status.conditions)) return;
  // Signers do not decide: a decision that was made stays as it is.
  if (subresource === 'status') status.conditions = (status.conditions as unknown[]).map((one) => decided(one, before) ?? one);
  const now = formatTime(clock.now());
  for (const condition of status.conditions as unknown[]) {
    if (!isRecord(condition)) continue;
    condition.lastUpdateTime ??= now;
    if (condition.lastTransitionTime !== undefined && condition.lastTransitionTime !== null) continue;
    const last = conditionsOf(before).find((one) => one.type === condition.type && one.status === condition.status);
    condition.lastTransitionTime = last?.lastTransitionTime ?? now;
  }
}

function conditionText(object: Draft<CertificateSigningRequest>): string {
  const types = new Set(conditionsOf(object).map(({ type }) => type));
  const texts = types.has('Denied') ? ['Denied'] : types.has('Approved') ? ['Approved'] : ['Pending'];
  if (types.has('Failed')) texts.push('Failed');
  if ((object.status?.certificate ?? '') !== '') texts.push('Issued');
  return texts.join(',');
}

function cells(object: KubeObject, context: TableContext): readonly Cell[] {
  const request = object as Draft<CertificateSigningRequest>;
  const { signerName = '<none>', username = '', expirationSeconds: seconds } = request.spec ?? {};
  return [
    nameOf(object),
    ageOf(object, context),
    signerName,
    username,
    seconds === undefined ? '<none>' : humanDuration(seconds * 1000),
    conditionText(request),
  ];
}

export const certificateSigningRequest: KindDefinition = {
  group: 'certificates.k8s.io',
  version: 'v1',
  resource: 'certificatesigningrequests',
  nameRule: 'path',
  strategy: {
    prepareForCreate,
    // A request does not change once it is made, and its status has subresources.
    prepareForUpdate: (draft, old) => {
      keepField(draft, old, 'spec');
      keepField(draft, old, 'status');
    },
    prepareForStatusUpdate,
    resetFields: { 'f:spec': {}, 'f:status': {} },
    validate: (object) => validate(object),
    validateUpdate: (object, old) =>
      immutable('spec', (object as Draft<CertificateSigningRequest>).spec, (old as Draft<CertificateSigningRequest>).spec),
    validateStatusUpdate: (object, old, subresource) => {
      const now = object as Draft<CertificateSigningRequest>;
      const before = old as Draft<CertificateSigningRequest>;
      return [...issueErrors(now, before), ...conditionErrors(now), ...changeErrors(now, before, subresource === 'approval')];
    },
  },
  selectableFields: { 'spec.signerName': (object) => (object as Draft<CertificateSigningRequest>).spec?.signerName ?? '' },
  cells,
};
