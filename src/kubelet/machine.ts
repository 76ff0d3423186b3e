// What of a node outlives its kubelet: the runtime with its containers, and the network with their addresses.
import type { Clock } from '../clock/clock.js';
import type { Random } from '../clock/random.js';
import { createPodNetwork, type PodNetwork } from '../network/pod-network.js';
import type { RuntimeService } from '../runtime/cri.js';
import type { ImageBehaviour } from '../runtime/image-behaviours.js';
import { createRuntime } from '../runtime/runtime.js';
import type { PodWorker } from './pod-worker.js';

export interface Machine {
  readonly runtime: RuntimeService;
  readonly network: PodNetwork;
  /** Changes with every loss of power. */
  readonly bootId: string;
  /** Of pods that a stopped kubelet has left behind, by uid. */
  readonly left: Map<string, PodWorker>;
  /** Told of containers that end while a kubelet runs. */
  onExit: ((podUid: string) => void) | undefined;
}

export interface MachineOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly behaviours: readonly ImageBehaviour[];
  readonly logBytes: number;
}

/** A machine that has just got power. */
export function createMachine(options: MachineOptions): Machine {
  const runtime = createRuntime(options);
  const machine: Machine = { runtime, network: createPodNetwork(), bootId: options.random.uid(), left: new Map(), onExit: undefined };
  runtime.onExit((uid) => machine.onExit?.(uid));
  return machine;
}

/** The runtime as one kubelet uses it: after `signal` it starts nothing more, so that the next kubelet is alone. */
export function runtimeUntil(runtime: RuntimeService, signal: AbortSignal): RuntimeService {
  const unlessOff = <A extends unknown[], R>(call: (...args: A) => Promise<R>): ((...args: A) => Promise<R>) => {
    return async (...args) => {
      if (signal.aborted) throw new Error('the kubelet is turned off');
      return call(...args);
    };
  };
  return {
    ...runtime,
    runPodSandbox: unlessOff((config) => runtime.runPodSandbox(config)),
    createContainer: unlessOff((sandboxId, config) => runtime.createContainer(sandboxId, config)),
    startContainer: unlessOff((containerId) => runtime.startContainer(containerId)),
  };
}
