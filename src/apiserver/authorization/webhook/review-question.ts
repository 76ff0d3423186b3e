// The SubjectAccessReview that a webhook is sent, field by field as the real server writes it.
import { isResourceRequest, type Attributes, type SelectorRequirement } from '../authorizer.js';

export interface ReviewQuestion {
  readonly kind: 'SubjectAccessReview';
  readonly apiVersion: string;
  readonly metadata: object;
  readonly spec: object;
  readonly status: object;
}

/** v1beta1 says `group` where v1 says `groups`. Empty texts are left out. */
export function reviewOf(attributes: Attributes, version: 'v1' | 'v1beta1'): ReviewQuestion {
  const { user } = attributes;
  const { extra = {} } = user;
  return {
    kind: 'SubjectAccessReview',
    apiVersion: `authorization.k8s.io/${version}`,
    metadata: {},
    spec: {
      ...askedOf(attributes),
      ...said({ user: user.name }),
      ...(user.groups.length === 0 ? {} : { [version === 'v1' ? 'groups' : 'group']: user.groups }),
      ...(Object.keys(extra).length === 0 ? {} : { extra }),
      ...said({ uid: user.uid ?? '' }),
    },
    status: { allowed: false },
  };
}

function askedOf(attributes: Attributes): object {
  const { verb } = attributes;
  if (!isResourceRequest(attributes)) return { nonResourceAttributes: said({ path: attributes.path, verb }) };
  const { namespace, group, version, resource, subresource, name, selectors } = attributes;
  return {
    resourceAttributes: {
      ...said({ namespace, verb, group, version, resource, subresource, name }),
      ...selector('fieldSelector', selectors?.fields),
      ...selector('labelSelector', selectors?.labels),
    },
  };
}

function selector(field: string, requirements: readonly SelectorRequirement[] = []): object {
  if (requirements.length === 0) return {};
  const shown = requirements.map(({ key, operator, values }) => ({ key, operator, ...(values.length === 0 ? {} : { values }) }));
  return { [field]: { requirements: shown } };
}

function said(texts: Readonly<Record<string, string>>): object {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ''));
}
