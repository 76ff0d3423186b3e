// What the audit event of a request tells of the validating policies that it met.
// https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#audit-annotations
import { jsonText } from '../../../apimachinery/codec/json.js';
import type { AuditContext } from '../../audit/context.js';
import type { Evaluation, Finding } from './evaluate.js';

/** Under this key is the first failure that a binding with the action Audit found. */
const failureKey = 'validation.policy.admission.k8s.io/validation_failure';

interface Failure {
  readonly finding: Finding;
  readonly policy: string;
  readonly binding: string;
  readonly actions: readonly string[];
}

/** The annotations of one request's policies, of all bindings and parameters together. */
export class PolicyAnnotations {
  readonly #values = new Map<string, Set<string>>();

  add(policy: string, { annotations }: Evaluation): void {
    for (const { key, value } of annotations) {
      const name = `${policy}/${key}`;
      const values = this.#values.get(name);
      if (values === undefined) this.#values.set(name, new Set([value]));
      else values.add(value);
    }
  }

  tell(audit: AuditContext, failures: readonly Failure[]): void {
    for (const { finding, policy, binding, actions } of failures) {
      if (!actions.includes('Audit')) continue;
      const failure = { message: finding.message, policy, binding, expressionIndex: finding.index, validationActions: actions };
      audit.annotate(failureKey, jsonText([failure]));
    }
    for (const [name, values] of this.#values) audit.annotate(name, [...values].join(', '));
  }
}
