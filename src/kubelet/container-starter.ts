// Starts the next run of a container: image, configuration, creation, start. And says when a container that ended runs again.
import type { Pod } from '../../openapi/types/core.v1.js';
import { formatTime } from '../clock/clock.js';
import { ContainerConfigError, expandReferences, resolveEnvironment } from './environment.js';
import { ensureImage } from './image-puller.js';
import { podText, type NodeContext, type PodEvents } from './node-context.js';
import type { ContainerRecord, ContainerSpec, PodRecord, SandboxRecord } from './pod-record.js';

const firstRestartDelay = 10_000;
const longestRestartDelay = 300_000;
/** A container that ran so long since its last restart starts with the first delay again. */
const forgetRestartsAfter = 600_000;
const longestConfigDelay = 10_000;

/** Whether the policy wants another run after this end. https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy */
export function restarts(pod: Pod, spec: ContainerSpec, { kind, terminated }: ContainerRecord): boolean {
  if (!terminated) return true;
  if (kind === 'ephemeral') return false;
  if (kind === 'sidecar') return true;
  const { exitCode } = terminated;
  for (const { action, exitCodes } of spec.restartPolicyRules ?? []) {
    const listed = exitCodes?.values?.includes(exitCode) ?? false;
    if (action === 'Restart' && (exitCodes?.operator === 'NotIn' ? !listed : listed)) return true;
  }
  const policy = spec.restartPolicy ?? pod.spec.restartPolicy ?? 'Always';
  if (policy === 'Never') return false;
  return exitCode !== 0 || (policy === 'Always' && kind === 'regular');
}

/**
 * Starts a container that does not run, unless it must wait: after an end for its restart's delay, else for what it lacks. Then its record
 * says why and until when. Rejects when the API or the runtime fails.
 */
export async function startContainer(
  node: NodeContext,
  events: PodEvents,
  record: PodRecord,
  spec: ContainerSpec,
  container: ContainerRecord,
): Promise<void> {
  const { pod, sandbox } = record;
  if (!sandbox || node.clock.now() < container.notBefore) return;
  if (mustBackOff(node, events, pod, container)) return;
  const image = await ensureImage(node, events, spec, container);
  if (!image || node.signal.aborted) return;
  const envs = await environment(node, events, record, sandbox, spec, container);
  if (!envs || node.signal.aborted) return;

  const again = container.id !== undefined || container.terminated !== undefined;
  const attempt = again ? container.restartCount + 1 : container.restartCount;
  const id = await node.runtime.createContainer(sandbox.id, {
    name: spec.name,
    attempt,
    image: spec.image ?? '',
    command: (spec.command ?? []).map((word) => expandReferences(word, envs)),
    args: (spec.args ?? []).map((word) => expandReferences(word, envs)),
    envs,
    stdin: spec.stdin === true,
  });
  if (container.previousId !== undefined) await node.runtime.removeContainer(container.previousId);
  container.previousId = container.id;
  container.id = id;
  container.image = image;
  container.specImage = spec.image;
  container.restartCount = attempt;
  container.lastTermination = container.terminated ?? container.lastTermination;
  container.terminated = undefined;
  container.waiting = undefined;
  container.configFailures = 0;
  events.container(container, 'Normal', 'Created', 'Container created');
  await node.runtime.startContainer(id);
  events.container(container, 'Normal', 'Started', 'Container started');
}

/** The delay before another run, counted from the end of the last: none the first time, then 10 s, doubled up to 5 minutes. */
function mustBackOff(node: NodeContext, events: PodEvents, pod: Pod, container: ContainerRecord): boolean {
  if (!container.terminated) return false;
  const now = node.clock.now();
  const { restartDelay } = container;
  const known = restartDelay && now - restartDelay.at <= forgetRestartsAfter ? restartDelay : undefined;
  const until = known ? Date.parse(container.terminated.finishedAt ?? formatTime(now)) + known.delay : now;
  if (known && now < until) {
    if (container.waiting?.reason !== 'CrashLoopBackOff') {
      events.container(container, 'Warning', 'BackOff', `Back-off restarting failed container ${container.name} in pod ${podText(pod)}`);
    }
    const message = `back-off ${delayText(known.delay)} restarting failed container=${container.name} pod=${podText(pod)}`;
    container.waiting = { reason: 'CrashLoopBackOff', message };
    container.notBefore = until;
    return true;
  }
  container.restartDelay = { delay: known ? Math.min(known.delay * 2, longestRestartDelay) : firstRestartDelay, at: now };
  return false;
}

/** As Go prints a duration: `40s`, `1m20s`, `5m0s`. */
function delayText(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

async function environment(
  node: NodeContext,
  events: PodEvents,
  record: PodRecord,
  sandbox: SandboxRecord,
  spec: ContainerSpec,
  container: ContainerRecord,
): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    const podIPs = record.pod.spec.hostNetwork ? [node.address] : sandbox.ips;
    return await resolveEnvironment(record.pod, spec, { client: node.client, hostIP: node.address, podIPs });
  } catch (error) {
    if (!(error instanceof ContainerConfigError)) throw error;
    events.container(container, 'Warning', 'Failed', `Error: ${error.message}`);
    container.waiting = { reason: 'CreateContainerConfigError', message: error.message };
    container.notBefore = node.clock.now() + Math.min(longestConfigDelay, 1000 * 2 ** Math.min(container.configFailures, 10));
    container.configFailures++;
    return undefined;
  }
}
