// Which controllers `--controllers` names.
// https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/

/** Those of the real controller manager that have nothing to do here: off by default, behind feature gates that are off, or for clouds. */
const withoutEffect: readonly string[] = [
  'cloud-node-lifecycle-controller',
  'kube-apiserver-serving-clustertrustbundle-publisher-controller',
  'node-route-controller',
  'persistentvolume-binder-controller',
  'persistentvolume-expander-controller',
  'podcertificaterequest-cleaner-controller',
  'podgroup-protection-controller',
  'resourcepoolstatusrequest-controller',
  'selinux-warning-controller',
  'storage-version-migrator-controller',
  'storageversion-garbage-collector-controller',
];

/** The names of the real controller manager that `known` does not have. */
export function withoutCounterpart(known: readonly string[]): readonly string[] {
  return withoutEffect.filter((name) => !known.includes(name));
}

/**
 * @param asked names, `*` for all that are on by default, `-name` for all but that one; of a name and its opposite the first counts
 * @param known the names there are; those of the real controller manager beside them are taken and have no effect
 * @param offByDefault those of them that `*` does not mean
 * Throws RangeError for a name that neither has.
 */
export function chooseControllers(
  asked: readonly string[],
  known: readonly string[],
  offByDefault: readonly string[] = [],
): ReadonlySet<string> {
  const decided = new Map<string, boolean>();
  const all = [...known, ...withoutCounterpart(known)];
  for (const one of asked) {
    if (one === '*') continue;
    const name = one.startsWith('-') ? one.slice(1) : one;
    if (!all.includes(name)) throw new RangeError(`there is no controller "${name}": choose from ${all.sort().join(', ')}`);
    if (!decided.has(name)) decided.set(name, one === name);
  }
  const star = asked.includes('*');
  return new Set(known.filter((name) => decided.get(name) ?? (star && !offByDefault.includes(name))));
}
