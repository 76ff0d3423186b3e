// Roles and bindings, indexed by whom they speak of; kept by change.
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, Subject } from '../../../openapi/types/rbac.v1.js';
import type { KubeObject } from '../../apimachinery/object.js';
import type { UserInfo } from '../../registry/kind.js';
import { parseServiceAccountName } from '../authentication/groups.js';

/** A binding that speaks of a user, and what its role allows. */
export interface Grant {
  /** As access reviews tell it: `ClusterRoleBinding "x" of ClusterRole "y" to Group "z"`. Made only when asked for. */
  readonly source: () => string;
  readonly rules: readonly PolicyRule[];
  /** Set when the role is not there: `clusterrole.rbac.authorization.k8s.io "y" not found`. */
  readonly error: string | undefined;
  /** The name of that role. */
  readonly missingRole?: string | undefined;
}

/**
 * All roles and bindings of the cluster. The API server puts each as it is written (from its watch caches);
 * an answer takes no longer with more roles and bindings of others.
 */
export interface RbacIndex {
  /** A Role, ClusterRole, RoleBinding or ClusterRoleBinding as it is now. Other kinds are ignored. */
  put(object: KubeObject): void;
  /** The same kinds; the object as it was. */
  remove(object: KubeObject): void;
  /** What bindings give this user: those of the cluster, then those of the namespace ('' for none). */
  grants(user: UserInfo, namespace: string): Iterable<Grant>;
  /** Raised by every change: an answer derived before holds as long as this stays the same. */
  readonly generation: number;
}

interface Binding {
  readonly kind: 'ClusterRoleBinding' | 'RoleBinding';
  readonly namespace: string;
  readonly name: string;
  readonly roleKind: string;
  readonly roleName: string;
  readonly subjects: readonly Subject[];
}

/** Makes an empty index. */
export function createRbacIndex(): RbacIndex {
  /** By {@link roleKey}. */
  const roles = new Map<string, readonly PolicyRule[]>();
  /** By {@link bindingKey}. */
  const bindings = new Map<string, Binding>();
  /** By namespace ('' for the cluster) and kind of subject: the subject's name to the keys of the bindings that name it. */
  const bySubject = new Map<string, Map<string, Set<string>>>();
  let generation = 0;

  function dropBinding(key: string): void {
    const old = bindings.get(key);
    if (old === undefined) return;
    bindings.delete(key);
    for (const subject of old.subjects) {
      const [at, name] = subjectKey(old.namespace, subject);
      const names = bySubject.get(at);
      const keys = names?.get(name);
      keys?.delete(key);
      if (keys?.size === 0) names?.delete(name);
      if (names?.size === 0) bySubject.delete(at);
    }
  }

  function putBinding(binding: Binding): void {
    const key = bindingKey(binding);
    dropBinding(key);
    bindings.set(key, binding);
    for (const subject of binding.subjects) {
      const [at, name] = subjectKey(binding.namespace, subject);
      const names = bySubject.get(at) ?? new Map<string, Set<string>>();
      bySubject.set(at, names);
      const keys = names.get(name) ?? new Set();
      keys.add(key);
      names.set(name, keys);
    }
  }

  function* grantsIn(namespace: string, user: UserInfo): Iterable<Grant> {
    const seen = new Set<string>();
    for (const [kind, names] of subjectsOf(user)) {
      const named = bySubject.get(join(namespace, kind));
      if (named === undefined) continue;
      for (const name of names)
        for (const key of named.get(name) ?? []) {
          if (seen.has(key)) continue;
          seen.add(key);
          yield grantOf(bindings.get(key)!, user);
        }
    }
  }

  function grantOf(binding: Binding, user: UserInfo): Grant {
    const { namespace, roleKind, roleName } = binding;
    const rules = roles.get(roleKey(roleKind === 'Role' ? namespace : '', roleName));
    const error =
      rules === undefined ? `${roleKind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(roleName)} not found` : undefined;
    return {
      source: () => sourceOf(binding, user),
      rules: rules ?? [],
      error,
      missingRole: rules === undefined ? roleName : undefined,
    };
  }

  return {
    get generation() {
      return generation;
    },
    put(object) {
      const { kind, metadata } = object;
      const [namespace, name] = [metadata.namespace ?? '', metadata.name ?? ''];
      if (kind === 'Role' || kind === 'ClusterRole') roles.set(roleKey(namespace, name), (object as Role | ClusterRole).rules ?? []);
      else if (kind === 'RoleBinding' || kind === 'ClusterRoleBinding') {
        const { roleRef, subjects = [] } = object as RoleBinding | ClusterRoleBinding;
        putBinding({ kind, namespace, name, roleKind: roleRef.kind, roleName: roleRef.name, subjects: subjects ?? [] });
      } else return;
      generation++;
    },
    remove({ kind, metadata }) {
      const [namespace, name] = [metadata.namespace ?? '', metadata.name ?? ''];
      if (kind === 'Role' || kind === 'ClusterRole') roles.delete(roleKey(namespace, name));
      else if (kind === 'RoleBinding' || kind === 'ClusterRoleBinding') dropBinding(bindingKey({ namespace, name }));
      else return;
      generation++;
    },
    *grants(user, namespace) {
      yield* grantsIn('', user);
      if (namespace !== '') yield* grantsIn(namespace, user);
    },
  };
}

/** The first of the binding's subjects that is the user. */
function sourceOf({ kind, namespace, name, roleKind, roleName, subjects }: Binding, user: UserInfo): string {
  const own = subjectsOf(user);
  const subject = subjects.find((one) => own.some(([kind, names]) => kind === one.kind && names.includes(nameOf(one, namespace))))!;
  const who = subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace ?? namespace}` : subject.name;
  const where = namespace === '' ? name : `${name}/${namespace}`;
  return `${kind} ${JSON.stringify(where)} of ${roleKind} ${JSON.stringify(roleName)} to ${subject.kind} ${JSON.stringify(who)}`;
}

/** Names that a user has, by kind of subject; of an account `namespace:name`. */
type SubjectNames = readonly [kind: string, names: readonly string[]];

function subjectsOf(user: UserInfo): readonly SubjectNames[] {
  const account = parseServiceAccountName(user.name);
  const groups: SubjectNames = ['Group', user.groups];
  return account === undefined
    ? [['User', [user.name]], groups]
    : [['User', [user.name]], ['ServiceAccount', [`${account.namespace}:${account.name}`]], groups];
}

/** No part of a key may hold the separator by chance: names with it would only meet bindings with it. */
function join(...parts: readonly string[]): string {
  return parts.join('\0');
}

/** A RoleBinding's account without a namespace is one of the binding's own. */
function nameOf(subject: Subject, namespace: string): string {
  return subject.kind === 'ServiceAccount' ? `${subject.namespace ?? namespace}:${subject.name}` : subject.name;
}

function subjectKey(namespace: string, subject: Subject): readonly [string, string] {
  return [join(namespace, subject.kind), nameOf(subject, namespace)];
}

function roleKey(namespace: string, name: string): string {
  return join(namespace, name);
}

function bindingKey({ namespace, name }: Pick<Binding, 'namespace' | 'name'>): string {
  return join(namespace, name);
}
