// The parameters of a policy, as a binding refers to them.
// https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#parameter-resources
import type { ParamKind, ParamRef } from '../../../../openapi/types/admissionregistration.v1.js';
import type { KubeObject } from '../../../apimachinery/object.js';
import { compileLabelSelector } from '../../../apimachinery/selectors/labels.js';
import { inVersion, prepared } from '../../core/versions.js';
import type { AdmissionRequest } from '../chain.js';
import type { MatchContext } from './match.js';

/** A policy that cannot be evaluated as it is configured: the failure policy says what that means. */
export class PolicyProblem extends Error {
  constructor(
    message: string,
    /** Whose configuration is at fault; undefined for an expression that fails. */
    readonly configuration?: 'policy' | 'binding',
  ) {
    super(message);
  }
}

/** Each is looked at on its own; null where the policy has none. Throws PolicyProblem. */
export async function paramsOf(
  paramKind: ParamKind | undefined,
  paramRef: ParamRef | undefined,
  { namespace }: AdmissionRequest,
  { registry, storages }: MatchContext,
): Promise<readonly (KubeObject | null)[]> {
  if (paramKind === undefined || paramRef === undefined) return [null];
  const { apiVersion = '', kind: name = '' } = paramKind;
  const [group, version] = apiVersion.includes('/') ? (apiVersion.split('/') as [string, string]) : ['', apiVersion];
  const kind = registry.byKind(group, version, name);
  if (kind === undefined)
    throw new PolicyProblem(
      `failed to configure policy: failed to find resource referenced by paramKind: '${apiVersion}, Kind=${name}'`,
      'policy',
    );
  const where = kind.namespaced ? (paramRef.namespace ?? namespace) : '';
  if (kind.namespaced && where === '')
    throw new PolicyProblem(
      'failed to configure binding: cannot use namespaced paramRef in policy binding that matches cluster-scoped resources',
      'binding',
    );
  const storage = storages.of(kind);
  let entries;
  if (paramRef.name !== undefined && paramRef.name !== '') {
    const entry = await storage.get(where, paramRef.name);
    entries = entry === undefined ? [] : [entry];
  } else {
    await storage.cache.fresh();
    const selector = compileLabelSelector(paramRef.selector ?? {});
    entries = storage.cache
      .list({ prefix: storage.prefix(where) })
      .entries.filter(({ value }) => selector.matches(value.metadata.labels ?? {}));
  }
  if (entries.length === 0) {
    if (paramRef.parameterNotFoundAction === 'Allow') return [];
    throw new PolicyProblem(
      'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction',
      'binding',
    );
  }
  await prepared(
    kind,
    entries.map(({ value }) => value),
  );
  return entries.map(({ value }) => inVersion(kind, value));
}
