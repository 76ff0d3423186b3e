// The interface between kubelet and container runtime, in the terms of the Container Runtime Interface.
// https://kubernetes.io/docs/concepts/architecture/cri/
import type { ContainerLog } from './container-log.js';

export interface PodSandboxConfig {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** 0 for the pod's first sandbox. */
  readonly attempt: number;
  readonly hostNetwork: boolean;
}

export interface ContainerConfig {
  readonly name: string;
  /** How often a container of this name was created before in the pod. */
  readonly attempt: number;
  /** As in the pod's spec. */
  readonly image: string;
  /** Replaces the image's entry point; empty: the image's own. */
  readonly command: readonly string[];
  /** Arguments of the entry point. */
  readonly args: readonly string[];
  readonly envs: ReadonlyMap<string, string>;
  /** Whether standard input is kept open. */
  readonly stdin: boolean;
}

export type RuntimeContainerState = 'created' | 'running' | 'exited';

/** Times are milliseconds since the epoch. */
export interface RuntimeContainerStatus {
  readonly id: string;
  readonly sandboxId: string;
  readonly name: string;
  readonly attempt: number;
  readonly state: RuntimeContainerState;
  readonly createdAt: number;
  readonly startedAt: number | undefined;
  readonly finishedAt: number | undefined;
  readonly exitCode: number | undefined;
}

/** Told when a container has exited, after its status says so. Must be quick and must not throw. */
export type ContainerExitListener = (podUid: string, containerName: string) => void;

/** Runs sandboxes and containers. Ids are 64 hexadecimal digits. What is not there any more is no error to stop or remove. */
export interface RuntimeService {
  /** `kubedouble` and its version, as `nodeInfo.containerRuntimeVersion` joins them. */
  readonly version: { readonly runtimeName: string; readonly runtimeVersion: string };
  runPodSandbox(config: PodSandboxConfig): Promise<string>;
  /** Kills what still runs in it. */
  stopPodSandbox(sandboxId: string): Promise<void>;
  /** Removes it with its containers and their logs. */
  removePodSandbox(sandboxId: string): Promise<void>;
  /** Rejects with an Error when there is no such sandbox. */
  createContainer(sandboxId: string, config: ContainerConfig): Promise<string>;
  /** Rejects with an Error when there is no such container or it was started before. */
  startContainer(containerId: string): Promise<void>;
  /**
   * Asks the container to end (SIGTERM) and kills it after `timeout` milliseconds; 0 kills at once. Resolves when it has exited. A second
   * call with a shorter timeout takes effect.
   */
  stopContainer(containerId: string, timeout: number): Promise<void>;
  removeContainer(containerId: string): Promise<void>;
  containerStatus(containerId: string): RuntimeContainerStatus | undefined;
  containerLog(containerId: string): ContainerLog | undefined;
  onExit(listener: ContainerExitListener): void;
  /** The machine loses power: everything is gone at once and nobody is told. */
  powerOff(): void;
}

export interface RuntimeImage {
  /** With registry and tag: `docker.io/library/nginx:1.27`. */
  readonly reference: string;
  /** By digest, as `imageID` of a container status: `docker.io/library/nginx@sha256:…`. */
  readonly id: string;
  readonly sizeBytes: number;
}

/** Keeps a node's images. */
export interface ImageService {
  /** The image when it is on the node. */
  imageStatus(image: string): RuntimeImage | undefined;
  /** Rejects with {@link ImagePullError}. */
  pullImage(image: string): Promise<RuntimeImage>;
  listImages(): readonly RuntimeImage[];
}

/** An image could not be pulled; `message` is what the runtime says about it. */
export class ImagePullError extends Error {
  /** @param reason `ErrImagePull`, `InvalidImageName` or another waiting reason of the kubelet */
  constructor(
    readonly reason: string,
    message: string,
  ) {
    super(message);
    this.name = 'ImagePullError';
  }
}
