// Which labels a kubelet may give its node. https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction

type Labels = Readonly<Record<string, string>>;

const restricted = 'node-restriction.kubernetes.io';
const ownDomains = ['kubelet.kubernetes.io', 'node.kubernetes.io'];
const reserved = ['kubernetes.io', 'k8s.io'];

/** What the kubelet itself knows. */
const known = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/arch',
  'kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
]);

/** The labels in which the two differ and which no kubelet may change, in the order of the alphabet. */
export function forbiddenLabels(now: Labels | undefined, before: Labels | undefined): readonly string[] {
  const [after, old] = [now ?? {}, before ?? {}];
  const names = new Set([...Object.keys(after), ...Object.keys(old)]);
  return [...names].filter((name) => after[name] !== old[name] && !isAllowed(name)).sort();
}

function isAllowed(name: string): boolean {
  if (known.has(name)) return true;
  const slash = name.indexOf('/');
  const domain = slash < 0 ? '' : name.slice(0, slash);
  if (isWithin(domain, restricted)) return false;
  return ownDomains.some((own) => isWithin(domain, own)) || !reserved.some((one) => isWithin(domain, one));
}

function isWithin(domain: string, parent: string): boolean {
  return domain === parent || domain.endsWith(`.${parent}`);
}
