// Makes one of several revisions that hold the same template, as they come from a restored backup or from two controllers at once.
// https://kubernetes.io/docs/tasks/manage-daemon/rollback-daemon-set/#understanding-daemonset-revisions
import type { Pod } from '../../../openapi/types/core.v1.js';
import type { Client } from '../../client/client.js';
import { PODS } from '../../client/resources.js';
import { unlessGone } from '../shared/gone.js';
import { deleteRevisions, type RevisionsFound } from '../shared/revisions.js';
import { hashLabel } from './pod-draft.js';

/**
 * Gives the pods of the duplicates the hash of the revision that stays; once that is seen of all, deletes the duplicates. In this order, so that
 * no pod ever looks out of date. Resolves to false while pods are not yet seen so: then it is to be called again soon. Rejects as the client does.
 * @param own the set's pods
 */
export async function mergeDuplicates(client: Client, { current, duplicates }: RevisionsFound, own: readonly Pod[]): Promise<boolean> {
  if (duplicates.length === 0) return true;
  const hash = current.metadata.labels?.[hashLabel] ?? '';
  const old = new Set(duplicates.map(({ metadata }) => metadata.labels?.[hashLabel]));
  old.delete(hash);
  const pods = own.filter(({ metadata }) => old.has(metadata.labels?.[hashLabel]));
  for (const { metadata } of pods) await unlessGone(client.patch(PODS, metadata, 'merge', { metadata: { labels: { [hashLabel]: hash } } }));
  if (pods.length > 0) return false;
  await deleteRevisions(client, duplicates);
  return true;
}
