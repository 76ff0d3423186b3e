// What the API server asks of a node's kubelet: in process a call, over the network a request to the kubelet's server.
// https://kubernetes.io/docs/concepts/architecture/control-plane-node-communication/

/** The options of `pods/<name>/log`. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ */
export interface LogOptions {
  readonly container: string;
  readonly follow?: boolean;
  /** Of the container's run before this one. */
  readonly previous?: boolean;
  /** Only lines of the last so many seconds. */
  readonly sinceSeconds?: number;
  /** Only lines since this time, milliseconds since the epoch. */
  readonly sinceTime?: number;
  readonly timestamps?: boolean;
  readonly tailLines?: number;
  readonly limitBytes?: number;
  readonly stream?: 'All' | 'Stdout' | 'Stderr';
}

export interface LogSink {
  write(chunk: Uint8Array): void;
  /** All has been said; called once, not after `stop`. */
  end(): void;
}

export interface LogStream {
  stop(): void;
}

export interface PodReference {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export interface KubeletEndpoint {
  /** Rejects with an ApiError 400 when the container has not started (`container "c" in pod "p" is waiting to start: ContainerCreating`) or has no previous run. */
  containerLogs(pod: PodReference, options: LogOptions, sink: LogSink): Promise<LogStream>;
}

/** The kubelets that the API server can reach, by node. */
export class KubeletEndpoints {
  readonly #byNode = new Map<string, KubeletEndpoint>();

  register(node: string, endpoint: KubeletEndpoint): void {
    this.#byNode.set(node, endpoint);
  }

  remove(node: string): void {
    this.#byNode.delete(node);
  }

  get(node: string): KubeletEndpoint | undefined {
    return this.#byNode.get(node);
  }
}
