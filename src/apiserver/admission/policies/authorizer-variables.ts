// The variables `authorizer` and `authorizer.requestResource` of expressions, over the server's own authorizer.
// https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-authorizer-library
import { authorizerValue, resourceCheckValue, type AskAuthorizer } from '../../../apimachinery/cel/library/authorizer.js';
import { serviceAccountUser } from '../../authentication/groups.js';
import type { Attributes, Authorizer, Decision } from '../../authorization/authorizer.js';
import { fieldRequirements, labelRequirements } from '../../authorization/request-selectors.js';
import type { AdmissionRequest } from '../chain.js';

/** Expressions do not wait: an evaluation that needs an answer from outside ends with this, and is made again when the answer is there. */
class AnswerAwaited extends Error {
  constructor(readonly answer: Promise<unknown>) {
    super('an answer of an authorizer is awaited');
  }
}

/** What has been answered about a request, by question. */
const answers = new WeakMap<AdmissionRequest, Map<string, Decision>>();

/** Runs what evaluates expressions, from the beginning for each answer that had to be fetched: `run` must have no effects of its own. */
export async function answered<T>(run: () => T | Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof AnswerAwaited)) throw error;
      await error.answer;
    }
  }
}

export function authorizerVariables(request: AdmissionRequest, authorizer: Authorizer): Readonly<Record<string, unknown>> {
  const { user, kind, subresource, namespace, name } = request;
  const decide = (attributes: Attributes): Decision => {
    const known = answers.get(request);
    const question = known === undefined ? '' : JSON.stringify(attributes);
    const before = known?.get(question);
    if (before !== undefined) return before;
    const decision = authorizer.authorize(attributes);
    if (!(decision instanceof Promise)) return decision;
    const all = known ?? new Map<string, Decision>();
    answers.set(request, all);
    throw new AnswerAwaited(decision.then((answer) => all.set(JSON.stringify(attributes), answer)));
  };
  const ask: AskAuthorizer = ({ user: who, verb, path, fieldSelector, labelSelector, ...about }) => {
    const asked = who === 'request' ? user : serviceAccountUser(who.namespace, who.serviceAccount);
    if (path !== undefined) return decide({ user: asked, verb, path });
    const [fields, labels] = [fieldRequirements(fieldSelector) ?? [], labelRequirements(labelSelector) ?? []];
    const selectors = fields.length + labels.length === 0 ? {} : { selectors: { fields, labels } };
    return decide({ user: asked, verb, ...about, ...selectors });
  };
  const { group, version, resource } = kind;
  return {
    authorizer: () => authorizerValue(ask),
    'authorizer.requestResource': () => resourceCheckValue(ask, { group, version, resource, subresource, namespace, name }),
  };
}
