// One node: what is wanted there is attached, the node's status tells what is, and what is not wanted is detached.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
import type { AttachedVolume, Node, PersistentVolume, Pod } from '../../../openapi/types/core.v1.js';
import type { VolumeAttachment } from '../../../openapi/types/storage.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import type { Client } from '../../client/client.js';
import type { ReconcileResult } from '../../client/controller/controller.js';
import type { EventRecorder } from '../../client/events/recorder.js';
import type { InformerStore } from '../../client/informer/types.js';
import { NODES, VOLUME_ATTACHMENTS } from '../../client/resources.js';
import type { Clock } from '../../clock/clock.js';
import { unlessGone } from '../shared/gone.js';
import { compareText } from '../shared/sort.js';
import { isAttachmentName, isExclusive, isManaged, nodeVolumeName, wantedOn, type WantedContext, type WantedVolume } from './wanted.js';

export const byAttachedNode = 'attachedNode';
export const byAttachedVolume = 'attachedVolume';
/** How long a volume that a broken node says to use is left with it. */
const unmountPatience = 6 * 60_000;

export interface NodesContext extends WantedContext {
  readonly client: Client;
  readonly clock: Clock;
  readonly recorder: EventRecorder;
  readonly nodes: InformerStore<Node>;
  /** With the indexes {@link byAttachedNode} and {@link byAttachedVolume}. */
  readonly attachments: InformerStore<VolumeAttachment>;
  /** What is to be told of attachments: said by the drivers since the last look. By the attachment's name. */
  readonly news: Map<string, 'attached' | 'failed'>;
  /** The volumes, by node, whose pods there were told that somebody else has them. */
  readonly refused: Map<string, ReadonlySet<string>>;
  /** The nodes of attachments that were asked for and that the informer does not have yet, by the name of the volume. */
  readonly asked: Map<string, string>;
  /** Since when an attachment is not wanted any more but in use (milliseconds since the epoch). */
  readonly leaving: Map<string, number>;
}

export async function reconcileNode(context: NodesContext, name: string): Promise<ReconcileResult> {
  const { client, attachments, nodes } = context;
  const node = nodes.get(name);
  if (node !== undefined && !isManaged(node)) return;
  const wanted = node === undefined ? new Map<string, WantedVolume>() : wantedOn(context, name);
  const there = attachments.byIndex(byAttachedNode, name).filter(({ metadata }) => isAttachmentName(metadata.name));
  const refused = new Set<string>();
  for (const [volume, one] of wanted) if ((await attach(context, name, one)) === 'refused') refused.add(volume);
  if (refused.size > 0) context.refused.set(name, refused);
  else context.refused.delete(name);
  tellNews(context, there, wanted);
  const detachable: VolumeAttachment[] = [];
  let wait: number | undefined;
  for (const attachment of there) {
    const volumeName = attachment.spec.source.persistentVolumeName;
    if (volumeName === undefined || wanted.has(volumeName) || attachment.metadata.deletionTimestamp !== undefined) continue;
    const left = untilDetachable(context, node, attachment, context.volumes.get(volumeName));
    if (left === 0) detachable.push(attachment);
    else if (left !== undefined) wait = Math.min(wait ?? left, left);
  }
  // First the node is told that it is not to use them any more.
  if (node !== undefined) await writeAttached(context, node, attachedOf(context, there, detachable));
  for (const { metadata } of detachable) {
    context.leaving.delete(metadata.name);
    await unlessGone(client.delete(VOLUME_ATTACHMENTS, { name: metadata.name }, { preconditions: { uid: metadata.uid } }));
  }
  return wait === undefined ? undefined : { requeueAfter: wait };
}

/** Resolves with `refused` when the volume is on another node and can be on one only. */
async function attach(context: NodesContext, node: string, wanted: WantedVolume): Promise<'refused' | undefined> {
  const { client, attachments, refused, asked, leaving } = context;
  const { name } = wanted.volume.metadata;
  leaving.delete(wanted.attachment);
  if (attachments.get(wanted.attachment) !== undefined) return undefined;
  const elsewhere = attachments.byIndex(byAttachedVolume, name).filter(({ spec }) => spec.nodeName !== node);
  const exclusive = isExclusive(wanted.volume);
  // Asked for by another node a moment ago: that attachment's coming brings this node back.
  if (exclusive && (asked.get(name) ?? node) !== node) return undefined;
  if (exclusive && elsewhere.length > 0) {
    if (!refused.get(node)?.has(name)) tellRefusal(context, wanted, elsewhere);
    return 'refused';
  }
  asked.set(name, node);
  try {
    await client.create(VOLUME_ATTACHMENTS, {
      metadata: { name: wanted.attachment },
      spec: { attacher: wanted.driver, nodeName: node, source: { persistentVolumeName: name } },
    });
  } catch (error) {
    asked.delete(name);
    // The informer is behind.
    if (!isReason(error, 'AlreadyExists')) throw error;
  }
  return undefined;
}

function tellRefusal(context: NodesContext, { volume, pods }: WantedVolume, elsewhere: readonly VolumeAttachment[]): void {
  const { name } = volume.metadata;
  const users = elsewhere.flatMap(({ spec }) => wantedOn(context, spec.nodeName).get(name)?.pods ?? []);
  for (const pod of pods) {
    const near = users.filter(({ metadata }) => metadata.namespace === pod.metadata.namespace).map(({ metadata }) => metadata.name);
    const far = users.length - near.length;
    let why = "Volume is already exclusively attached to one node and can't be attached to another";
    if (near.length > 0)
      why = `Volume is already used by pod(s) ${near.sort(compareText).join(', ')}${far > 0 ? ` and ${far} pod(s) in different namespaces` : ''}`;
    else if (far > 0) why = `Volume is already used by ${far} pod(s) in different namespaces`;
    context.recorder.event(pod, 'Warning', 'FailedAttachVolume', `Multi-Attach error for volume "${name}" ${why}`);
  }
}

function tellNews({ news, recorder }: NodesContext, there: readonly VolumeAttachment[], wanted: ReadonlyMap<string, WantedVolume>): void {
  for (const { metadata, spec, status } of there) {
    const what = news.get(metadata.name);
    if (what === undefined) continue;
    news.delete(metadata.name);
    const volume = spec.source.persistentVolumeName ?? '';
    const pods: readonly Pod[] = wanted.get(volume)?.pods ?? [];
    for (const pod of pods) {
      if (what === 'attached')
        recorder.event(pod, 'Normal', 'SuccessfulAttachVolume', `AttachVolume.Attach succeeded for volume "${volume}" `);
      else
        recorder.event(
          pod,
          'Warning',
          'FailedAttachVolume',
          `AttachVolume.Attach failed for volume "${volume}" : ${status.attachError?.message ?? ''}`,
        );
    }
  }
}

/** Milliseconds until an unwanted volume may be taken from the node: 0 for now, undefined for when the node has let go of it. */
function untilDetachable(
  { clock, leaving }: NodesContext,
  node: Node | undefined,
  { metadata }: VolumeAttachment,
  volume: PersistentVolume | undefined,
): number | undefined {
  const named = volume === undefined ? undefined : nodeVolumeName(volume);
  const inUse = named !== undefined && (node?.status?.volumesInUse?.includes(named) ?? false);
  if (!inUse || node?.spec?.taints?.some(({ key }) => key === 'node.kubernetes.io/out-of-service')) return 0;
  const since = leaving.get(metadata.name) ?? clock.now();
  leaving.set(metadata.name, since);
  const healthy = node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  return healthy ? undefined : Math.max(0, since + unmountPatience - clock.now());
}

function attachedOf(
  { volumes }: NodesContext,
  there: readonly VolumeAttachment[],
  but: readonly VolumeAttachment[],
): readonly AttachedVolume[] {
  return there
    .filter((one) => one.status?.attached === true && one.metadata.deletionTimestamp === undefined && !but.includes(one))
    .map(({ spec }) => volumes.get(spec.source.persistentVolumeName ?? ''))
    .map((volume) => (volume === undefined ? undefined : nodeVolumeName(volume)))
    .filter((name) => name !== undefined)
    .sort(compareText)
    .map((name) => ({ name, devicePath: '' }));
}

async function writeAttached({ client }: NodesContext, { metadata, status }: Node, attached: readonly AttachedVolume[]): Promise<void> {
  if (deepEqual(status?.volumesAttached ?? [], attached)) return;
  const volumesAttached = attached.length === 0 ? null : attached;
  await unlessGone(client.patch(NODES, { name: metadata.name }, 'strategic', { status: { volumesAttached } }, { subresource: 'status' }));
}
