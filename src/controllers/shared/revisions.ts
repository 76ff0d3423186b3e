// The history of a workload's templates, one ControllerRevision each: found again when a template comes back, made when it is new.
// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/controller-revision-v1/
import type { ControllerRevision } from '../../../openapi/types/apps.v1.js';
import type { PodTemplateSpec } from '../../../openapi/types/core.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import { isRecord, type KubeObject } from '../../apimachinery/object.js';
import type { Client } from '../../client/client.js';
import { controllerOf, controllerReference } from '../../client/controller/owner-references.js';
import { CONTROLLER_REVISIONS } from '../../client/resources.js';
import { canonicalJson, nameOfHash } from './canonical.js';
import { unlessGone } from './gone.js';
import { byCreation } from './sort.js';

/** How often a name may be taken before the next try is left to a later reconcile. */
const mostCollisions = 20;

/** An object with a history of its pod template. */
export interface Revised extends KubeObject {
  readonly spec: { readonly template: PodTemplateSpec };
}

/** What a look into the history found. */
export interface RevisionsFound {
  /** The revision of the present template. */
  readonly current: ControllerRevision;
  /** All of them, the oldest first. */
  readonly all: readonly ControllerRevision[];
  /** Others than `current` that hold the present template as well. */
  readonly duplicates: readonly ControllerRevision[];
  /** How often a name was taken by another template; undefined when it never was and nobody counted. */
  readonly collisions: number | undefined;
}

export interface RevisionHistory {
  /**
   * Finds the revision of the owner's present template. One that is found but not the newest gets the next number (that is what
   * a rollback looks like); one that is not found is created. Nothing is written for an owner that is being deleted: then it is
   * undefined when there is none. Rejects as the client does.
   * @param known the owner's revisions, in any order
   */
  find(owner: Revised, known: readonly ControllerRevision[], collisions: number | undefined): Promise<RevisionsFound | undefined>;
}

/** @param hashLabel the label of a revision that holds the hash of its data */
export function createRevisionHistory(client: Client, hashLabel: string): RevisionHistory {
  // What is stored never changes, so neither does its text.
  const texts = new WeakMap<object, string>();
  const textOf = (source: object, data: () => unknown): string => {
    const known = texts.get(source);
    if (known !== undefined) return known;
    const text = revisionText(data());
    texts.set(source, text);
    return text;
  };
  const textOfRevision = (revision: ControllerRevision): string => textOf(revision, () => revision.data);

  const create = async (owner: Revised, text: string, number: number, collisions: number | undefined): Promise<Made> => {
    const { template } = owner.spec;
    for (let count = collisions, tries = 0; ; tries++) {
      const hash = revisionHash(text, count);
      const draft = {
        apiVersion: 'apps/v1',
        kind: 'ControllerRevision',
        metadata: {
          name: `${owner.metadata.name}-${hash}`,
          namespace: owner.metadata.namespace,
          labels: { ...template.metadata?.labels, [hashLabel]: hash },
          ...(owner.metadata.annotations === undefined ? {} : { annotations: owner.metadata.annotations }),
          ownerReferences: [controllerReference(owner)],
        },
        // In the order in which it was hashed: kubectl compares the bytes when it rolls back.
        data: JSON.parse(text) as ControllerRevision['data'],
        revision: number,
      };
      try {
        return { revision: await client.create(CONTROLLER_REVISIONS, draft), collisions: count };
      } catch (error) {
        if (!isReason(error, 'AlreadyExists') || tries >= mostCollisions) throw error;
        const taken = await client.get(CONTROLLER_REVISIONS, draft.metadata);
        // It is this one, made a moment ago; otherwise another template has the same hash.
        if (controllerOf(taken)?.uid === owner.metadata.uid && textOfRevision(taken) === text)
          return { revision: taken, collisions: count };
        count = (count ?? 0) + 1;
      }
    }
  };

  return {
    async find(owner, known, collisions) {
      const ordered = [...known].sort(byRevision);
      const text = textOf(owner.spec.template, () => revisionData(owner.spec.template));
      const newest = ordered.at(-1);
      const next = (newest?.revision ?? 0) + 1;
      const equal = ordered.findLast((revision) => textOfRevision(revision) === text);
      if (equal === undefined) {
        // The collector has taken it already: a set that is going gets no new one.
        if (owner.metadata.deletionTimestamp !== undefined) return undefined;
        const made = await create(owner, text, next, collisions);
        const others = ordered.filter(({ metadata }) => metadata.uid !== made.revision.metadata.uid);
        return { current: made.revision, all: [...others, made.revision], duplicates: [], collisions: made.collisions };
      }
      const duplicates = ordered.filter((revision) => revision !== equal && textOfRevision(revision) === text);
      if (equal === newest || owner.metadata.deletionTimestamp !== undefined)
        return { current: equal, all: ordered, duplicates, collisions };
      const current = await client.update(CONTROLLER_REVISIONS, { ...equal, revision: next });
      return { current, all: [...ordered.filter((one) => one !== equal), current], duplicates, collisions };
    },
  };
}

interface Made {
  readonly revision: ControllerRevision;
  readonly collisions: number | undefined;
}

/** What a revision holds: a patch that puts its template in the place of another. */
export function revisionData(template: PodTemplateSpec): { readonly spec: { readonly template: unknown } } {
  return { spec: { template: { ...template, $patch: 'replace' } } };
}

/** The template that a revision holds; undefined when it holds something else. */
export function templateOf({ data }: ControllerRevision): PodTemplateSpec | undefined {
  const held: unknown = data;
  const spec = isRecord(held) ? held['spec'] : undefined;
  const patch = isRecord(spec) ? spec['template'] : undefined;
  if (!isRecord(patch)) return undefined;
  const { $patch: _, ...template } = patch;
  return template as unknown as PodTemplateSpec;
}

/** Numbers first; the same number goes by age. */
export function byRevision(a: ControllerRevision, b: ControllerRevision): number {
  return a.revision - b.revision || byCreation(a, b);
}

/** Deletes revisions; those that are gone already count as deleted. */
export async function deleteRevisions(client: Client, revisions: readonly ControllerRevision[]): Promise<void> {
  for (const { metadata } of revisions) {
    await unlessGone(client.delete(CONTROLLER_REVISIONS, metadata, { preconditions: { uid: metadata.uid } }));
  }
}

/** The bytes that the real controllers hash: JSON as Go writes it, which escapes what is special in HTML. */
export function revisionText(data: unknown): string {
  return canonicalJson(data).replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * The end of a revision's name: the same that the real StatefulSet controller gives, so that the two can take over from each other.
 * @param collisions hashed as well, unless undefined
 */
export function revisionHash(text: string, collisions: number | undefined): string {
  // FNV-1 with 32 bits.
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(collisions === undefined ? text : `${text}${collisions}`)) hash = Math.imul(hash, 0x01000193) ^ byte;
  return nameOfHash(hash);
}
