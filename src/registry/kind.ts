// What a kind is: one descriptor, facts from openapi/ and small hooks for what is logic.
import type { Clock } from '../clock/clock.js';
import type { Random } from '../clock/random.js';
import type { Work } from '../clock/slices.js';
import type { FieldError } from '../apimachinery/errors/field-error.js';
import type { FieldSet } from '../apimachinery/managedfields/field-set.js';
import type { KubeObject, Mutable } from '../apimachinery/object.js';
import type { SchemaNode } from '../apimachinery/schema/node.js';

/** What a hook may use. */
export interface StrategyContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  /** Cluster addresses and node ports; see {@link ServiceAllocator}. */
  readonly services: ServiceAllocator;
}

/** Who asks. https://kubernetes.io/docs/reference/access-authn-authz/authentication/#users-in-kubernetes */
export interface UserInfo {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** The service that an address is for. */
export interface AddressOwner {
  readonly namespace: string;
  readonly name: string;
}

/** Gives out cluster addresses (from the service CIDRs) and node ports; errors are field errors of the caller's making. */
export interface ServiceAllocator {
  /**
   * Takes this address, or a free one when undefined. The address, or undefined when it is taken, out of range, or none is free.
   * A dry run takes nothing, and only looks whether the address is in range.
   */
  takeAddress(address: string | undefined, owner: AddressOwner, dryRun?: boolean): Promise<string | undefined> | string | undefined;
  releaseAddress(address: string): Promise<void> | void;
  takeNodePort(port: number | undefined): number | undefined;
  releaseNodePort(port: number): void;
  /** Why an address cannot be taken: `provided IP is already allocated`, or that it is of no range. */
  addressProblem?(address: string, dryRun?: boolean): Promise<string> | string;
  nodePortProblem?(port: number): string;
}

/** Something taken for a write: kept when the write succeeds, given back when it fails or is a dry run. */
export interface Reservation {
  readonly errors: readonly FieldError[];
  commit(): Promise<void> | void;
  rollback(): Promise<void> | void;
}

/**
 * A kind's own logic. Each hook is optional; they run in the order written here. A hook may change `draft` (fresh from the decoder,
 * owned by the request) where the line says so, never `old`, and must be free of side effects but for `reserve`.
 * After a patch, parts of the draft that it left alone are the very parts of `old` (`draft.spec === old.spec`): all hooks but `applyDefaults`
 * set other parts in their place and never change them.
 */
export interface Strategy {
  /** Fills in what the API defaults. Changes the draft. Runs after decoding, on every write. */
  applyDefaults?(draft: Mutable): void;
  /** Clears what a client may not set (status) and sets what the server sets. Changes the draft. */
  prepareForCreate?(draft: Mutable, context: StrategyContext): void;
  /** As above for a replacement: generation, status kept from `old`. Changes the draft. `metadata.generation` is raised by the caller when `spec` changed. */
  prepareForUpdate?(draft: Mutable, old: KubeObject, context: StrategyContext): void;
  /** Changes the draft of a write to a subresource such as `status`: by default all but `status` (and metadata's labels and annotations) is kept from `old`. */
  prepareForStatusUpdate?(draft: Mutable, old: KubeObject, context: StrategyContext, subresource?: string): void;
  /** What a write of the object itself cannot set, as managedFields name it: nobody comes to own it by such a write. `status` when absent. */
  readonly resetFields?: FieldSet;
  /** What a write of `status` cannot set, as managedFields name it: nobody comes to own it by such a write. `spec` when absent. */
  readonly statusResetFields?: FieldSet;
  /**
   * Takes addresses and ports. Changes the draft. Runs before validation, so that its errors come alone: it takes nothing for a draft whose
   * addresses it cannot read. `draft` is undefined for a deletion, `old` for a creation. May throw an ApiError when it has taken nothing.
   */
  reserve?(draft: Mutable | undefined, old: KubeObject | undefined, context: StrategyContext): Promise<Reservation>;
  /**
   * Does beforehand, in slices, what `validate` (or `validateStatusUpdate`) and `warnings` would take long for; what it finds is kept with the object
   * until they are called. undefined when there is nothing to wait for. Changes nothing.
   */
  validateAhead?(object: KubeObject, old: KubeObject | undefined, subresource: string): Promise<void> | undefined;
  /** The kind's rules; metadata's are checked by the caller. `old` is what a replacement replaces, undefined at creation. Changes nothing. */
  validate?(object: KubeObject, old?: KubeObject): readonly FieldError[];
  /** Rules that hold at creation only; their errors come before those of `validate`. Changes nothing. */
  validateCreate?(object: KubeObject): readonly FieldError[];
  /** Rules on what may change. Changes nothing. */
  validateUpdate?(object: KubeObject, old: KubeObject): readonly FieldError[];
  /** `subresource` is the part that is written: `status`, or `approval` of a CertificateSigningRequest. Changes nothing. */
  validateStatusUpdate?(object: KubeObject, old: KubeObject, subresource?: string): readonly FieldError[];
  /** The text of a `Warning` header for a deletion that does not say what becomes of dependents. */
  readonly deletionWarning?: string;
  /** Texts for `Warning` headers. Changes nothing. */
  warnings?(object: KubeObject, old: KubeObject | undefined): readonly string[];
}

/** How an object leaves: most at once, pods after a grace period. */
export interface GracefulDeletion {
  /** The grace period in seconds for this deletion (0: at once). Asked when the request names none as well: `requested` is then undefined. */
  gracePeriodSeconds(object: KubeObject, requested: number | undefined): number;
}

/** A kind that a finalizer list of its own keeps from going (a namespace's `spec.finalizers`). */
export interface DeletionHold {
  /** Whether the object, which has a deletionTimestamp, must stay. */
  held(object: KubeObject): boolean;
  /** What a deletion changes beside the deletionTimestamp (`status.phase`). Changes the draft. */
  mark(draft: Mutable): void;
  /** What a deletion makes of an object that is being deleted already; absent: nothing. The object itself when there is nothing to change. */
  again?(object: KubeObject): KubeObject;
}

/** One column of the Table that kubectl prints. */
export interface TableColumn {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly priority?: number;
  /** Of custom resources; '' when absent. */
  readonly description?: string;
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables */
export interface TableRowCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

export type Cell = string | number | boolean | null;

/** What the cells of one row may depend on beside the object. */
export interface TableContext {
  /** Milliseconds since the epoch, for ages. */
  readonly now: number;
}

export type NameRule = 'subdomain' | 'label' | 'label1035' | 'path' | 'any';

/** One resource of the API with everything that the generic code needs to serve it. */
export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly listKind: string;
  /** The plural in URLs. */
  readonly resource: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /** As in discovery: create, delete, deletecollection, get, list, patch, update, watch. */
  readonly verbs: readonly string[];
  readonly storageVersionHash: string | undefined;
  readonly subresources: ReadonlyMap<string, SubresourceFacts>;
  /** The name of the definition in openapi/schemas, such as `io.k8s.api.core.v1.Pod`. */
  readonly definition: string;
  /**
   * For a custom resource: its structural schema as published (`openAPIV3Schema` of a CustomResourceDefinition, pruned and defaulted).
   * Absent for built-in kinds; discovery and OpenAPI publish custom resources a little differently.
   */
  readonly customSchema?: Readonly<Record<string, unknown>>;
  /** Compiled on first use. */
  schema(): SchemaNode;
  /**
   * Keys start with this: `/registry/pods/`, as a real server's in etcd. Two resources with one prefix are versions of one kind:
   * stored in the version of the first, see `conversion`.
   */
  readonly prefix: string;
  /** For a resource that is stored as another version: both ways, pure. */
  readonly conversion?: {
    fromStored(stored: KubeObject): KubeObject;
    toStored(object: Mutable): Mutable;
    /** Where somebody else converts: makes `fromStored` ready for these objects; undefined when it is. Rejects with ApiError. */
    prepare?(stored: readonly KubeObject[]): Promise<void> | undefined;
    /** In place of `toStored` then. Rejects with ApiError. */
    store?(object: Mutable): Promise<Mutable>;
    readonly storedAs: { readonly group: string; readonly version: string };
  };
  readonly strategy: Strategy;
  readonly nameRule: NameRule;
  /** A finalizer without a domain must be a standard one; of some kinds any will do. */
  readonly standardFinalizers: boolean;
  /** PUT to a name that is not there creates it. */
  readonly createOnUpdate: boolean;
  /** An update without a resourceVersion is taken (else 422 `must be specified for an update`). */
  readonly unconditionalUpdate: boolean;
  /** `metadata.generation` is kept: 1 at creation, one more when anything but metadata and status changes. */
  readonly generation: boolean;
  /** DELETE answers with the object instead of a Status. */
  readonly deleteReturnsObject: boolean;
  readonly gracefulDeletion?: GracefulDeletion | undefined;
  readonly deletionHold?: DeletionHold | undefined;
  /** Orphan dependents when a DELETE says nothing (jobs and replication controllers). */
  readonly orphansByDefault: boolean;
  /** Field selectors beside metadata.name and metadata.namespace: how to read each as the string compared; '' when absent. */
  readonly selectableFields: ReadonlyMap<string, (object: KubeObject) => string>;
  /** Those of the selectable fields by which clients look objects up often (`spec.nodeName`): the watch cache indexes them. */
  readonly indexedFields: readonly string[];
  readonly columns: readonly TableColumn[];
  /** One row, as many cells as columns. */
  cells(object: KubeObject, context: TableContext): readonly Cell[];
  /** {@link cells} in pieces, for a kind whose users say what is in them; absent: they take no time. */
  cellsWork?(object: KubeObject, context: TableContext): Work<readonly Cell[]>;
  /** What a Table row says of the object beside its cells (kubectl greys out pods that are done). */
  readonly rowConditions: ((object: KubeObject) => readonly TableRowCondition[]) | undefined;
  /** How a Table orders its rows when not by name, as a comparison for sorting; each page is ordered for itself. */
  readonly rowOrder?: ((one: KubeObject, other: KubeObject) => number) | undefined;
  /** The text of a `Warning` header that every request to the resource gets. */
  readonly deprecation: string | undefined;
  /** The message for a field selector that the kind does not know, when it is not the usual `field label not supported: …`. */
  readonly unknownField: ((field: string) => string) | undefined;
  /** The kind's way to answer a create that stores nothing (access reviews, token reviews, bindings) is registered with the API server. */
  readonly createOnly: boolean;
  /** How long the kind is served; absent for built-in ones, which are there for as long as the server is. */
  readonly lifetime?: KindLifetime;
  /** A custom resource whose definition is being deleted: nothing new is made. */
  readonly terminating?: boolean;
  readonly scale: ScalePaths | undefined;
}

/** A kind that is defined at run time ends when its definition changes or goes: streams about it end with it. */
export interface KindLifetime {
  /** Calls `run` once when the kind ends; the function takes it back. */
  onEnd(run: () => void): () => void;
}

export interface SubresourceFacts {
  readonly name: string;
  readonly kind: string;
  readonly group: string;
  readonly version: string;
  readonly verbs: readonly string[];
}

/** `spec.replicas` and friends as the Scale subresource reads and writes them. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/ */
export interface ScalePaths {
  readonly spec: readonly string[];
  readonly status: readonly string[];
  /** Path of a label selector: an object (apps) or a map (replication controllers). */
  readonly selector: readonly string[];
}

/** What a kind's own file says: its place, and only what differs from the usual. */
export interface KindDefinition {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  /** Storage prefix without slashes when it is not the resource's name, such as `services/specs` or `minions`. */
  readonly storage?: string;
  readonly conversion?: Kind['conversion'];
  readonly strategy?: Strategy;
  readonly nameRule?: NameRule;
  readonly standardFinalizers?: boolean;
  readonly createOnUpdate?: boolean;
  readonly unconditionalUpdate?: boolean;
  readonly generation?: boolean;
  readonly deleteReturnsObject?: boolean;
  readonly gracefulDeletion?: GracefulDeletion;
  readonly deletionHold?: DeletionHold;
  readonly orphansByDefault?: boolean;
  readonly selectableFields?: Readonly<Record<string, (object: KubeObject) => string>>;
  readonly indexedFields?: readonly string[];
  readonly scale?: ScalePaths;
  /** The cells of a row; name and age are what a kind without it shows (`Name`, `Created At`). */
  readonly cells?: (object: KubeObject, context: TableContext) => readonly Cell[];
  readonly rowConditions?: Kind['rowConditions'];
  readonly rowOrder?: Kind['rowOrder'];
  readonly deprecation?: string;
  readonly unknownField?: Kind['unknownField'];
}
