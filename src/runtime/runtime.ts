// The container runtime in miniature: sandboxes and containers whose processes are programs of the small shell or of known images.
import type { Clock, Timer } from '../clock/clock.js';
import type { Random } from '../clock/random.js';
import { createContainerLog, type WritableContainerLog } from './container-log.js';
import type { ContainerConfig, ContainerExitListener, PodSandboxConfig, RuntimeContainerStatus, RuntimeService } from './cri.js';
import type { ImageBehaviour } from './image-behaviours.js';
import { startProcess, type Process } from './process.js';
import { programOf } from './program.js';

export interface RuntimeOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly behaviours: readonly ImageBehaviour[];
  /** Bytes of log kept for each container. */
  readonly logBytes: number;
}

interface Sandbox {
  readonly id: string;
  readonly config: PodSandboxConfig;
  readonly containers: Set<string>;
  stopped: boolean;
}

interface Container {
  readonly sandbox: Sandbox;
  readonly config: ContainerConfig;
  readonly log: WritableContainerLog;
  readonly stopping: (() => void)[];
  status: RuntimeContainerStatus;
  process: Process | undefined;
  killTimer: Timer | undefined;
}

export const runtimeVersion = { runtimeName: 'kubedouble', runtimeVersion: '0.1.0' } as const;

/** Makes a runtime without containers. */
export function createRuntime({ clock, random, behaviours, logBytes }: RuntimeOptions): RuntimeService {
  const sandboxes = new Map<string, Sandbox>();
  const containers = new Map<string, Container>();
  const listeners: ContainerExitListener[] = [];
  const newId = (): string => Buffer.from(random.bytes(32)).toString('hex');

  const exited = (container: Container, exitCode: number): void => {
    container.status = { ...container.status, state: 'exited', exitCode, finishedAt: clock.now() };
    container.process = undefined;
    container.killTimer?.cancel();
    container.killTimer = undefined;
    container.log.close();
    for (const resolve of container.stopping.splice(0)) resolve();
    for (const listener of listeners) listener(container.sandbox.config.uid, container.config.name);
  };
  const start = (container: Container): void => {
    container.status = { ...container.status, state: 'running', startedAt: clock.now() };
    const process = startProcess({
      program: programOf(container.config, behaviours),
      clock,
      context: {
        now: () => clock.now(),
        envs: container.config.envs,
        hostname: container.config.envs.get('HOSTNAME') ?? container.sandbox.config.name,
      },
      print: (text, stream) => container.log.append(clock.now(), stream, text),
      onExit: (code) => exited(container, code),
    });
    if (container.status.state === 'running') container.process = process;
  };
  const kill = (container: Container): void => {
    container.killTimer?.cancel();
    container.process?.kill();
  };
  const remove = (id: string): void => {
    const container = containers.get(id);
    if (!container) return;
    kill(container);
    container.log.close();
    container.sandbox.containers.delete(id);
    containers.delete(id);
  };
  const stopSandbox = (sandbox: Sandbox): void => {
    sandbox.stopped = true;
    for (const id of sandbox.containers) kill(containers.get(id)!);
  };

  return {
    version: runtimeVersion,
    async runPodSandbox(config) {
      const id = newId();
      sandboxes.set(id, { id, config, containers: new Set(), stopped: false });
      return id;
    },
    async stopPodSandbox(sandboxId) {
      const sandbox = sandboxes.get(sandboxId);
      if (sandbox) stopSandbox(sandbox);
    },
    async removePodSandbox(sandboxId) {
      const sandbox = sandboxes.get(sandboxId);
      if (!sandbox) return;
      stopSandbox(sandbox);
      for (const id of sandbox.containers) remove(id);
      sandboxes.delete(sandboxId);
    },
    async createContainer(sandboxId, config) {
      const sandbox = sandboxes.get(sandboxId);
      if (!sandbox || sandbox.stopped) throw new Error(`failed to find sandbox id "${sandboxId}": not found`);
      const id = newId();
      const { name, attempt } = config;
      const times = { createdAt: clock.now(), startedAt: undefined, finishedAt: undefined, exitCode: undefined };
      const status = { id, sandboxId, name, attempt, state: 'created' as const, ...times };
      containers.set(id, {
        sandbox,
        config,
        log: createContainerLog(logBytes),
        stopping: [],
        status,
        process: undefined,
        killTimer: undefined,
      });
      sandbox.containers.add(id);
      return id;
    },
    async startContainer(containerId) {
      const container = containers.get(containerId);
      if (container?.status.state !== 'created')
        throw new Error(`failed to start container "${containerId}": it is ${container?.status.state ?? 'not there'}`);
      start(container);
    },
    stopContainer(containerId, timeout) {
      const container = containers.get(containerId);
      if (container?.status.state !== 'running') return Promise.resolve();
      return new Promise((resolve) => {
        container.stopping.push(resolve);
        container.killTimer?.cancel();
        if (timeout <= 0) return kill(container);
        container.process?.terminate();
        container.killTimer = clock.after(timeout, () => kill(container));
      });
    },
    async removeContainer(containerId) {
      remove(containerId);
    },
    containerStatus: (containerId) => containers.get(containerId)?.status,
    containerLog: (containerId) => containers.get(containerId)?.log,
    onExit: (listener) => void listeners.push(listener),
    powerOff() {
      for (const container of containers.values()) {
        container.killTimer?.cancel();
        container.process?.vanish();
        container.log.close();
      }
      containers.clear();
      sandboxes.clear();
    },
  };
}
