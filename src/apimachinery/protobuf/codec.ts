// Objects to protobuf and back: the one thing that the API server holds.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#alternate-representations-of-resources
import type { SchemaNode } from '../schema/node.js';
import type { Work } from '../../clock/slices.js';
import { envelope, openEnvelope } from './envelope.js';
import type { ProtobufFacts } from './facts.js';
import { compileMessages } from './messages.js';
import { ProtobufError, WireReader } from './reader.js';
import { WireWriter } from './writer.js';

export { ProtobufError } from './reader.js';

export const protobufMediaType = 'application/vnd.kubernetes.protobuf';

/** What is encoded: any object that says what it is. */
export interface Typed {
  readonly apiVersion?: string;
  readonly kind?: string;
}

export interface DecodedProtobuf {
  readonly apiVersion: string;
  readonly kind: string;
  /** As the JSON decoder would give it, without apiVersion and kind; fresh. */
  readonly value: Readonly<Record<string, unknown>>;
}

export interface ProtobufSource {
  /** openapi/protobuf.json, asked for once, on first need. */
  facts(): ProtobufFacts;
  /** The structure of a definition, such as `io.k8s.api.core.v1.Pod`. */
  schemaFor(definition: string): SchemaNode;
}

export class ProtobufCodec {
  readonly #source: ProtobufSource;
  #compiled: { readonly facts: ProtobufFacts; readonly messages: ReturnType<typeof compileMessages> } | undefined;
  readonly #writer = new WireWriter();
  /** Messages of objects that do not change, as long as the objects live. */
  readonly #kept = new WeakMap<object, Uint8Array>();

  constructor(source: ProtobufSource) {
    this.#source = source;
  }

  /** Whether the definition has a protobuf form: all built-in ones have, custom resources have not. */
  has(definition: string): boolean {
    return this.#all().messages.has(definition);
  }

  /** Whether there is such a kind with a protobuf form. */
  knows(apiVersion: string, kind: string): boolean {
    return Object.hasOwn(this.#all().facts.kinds, `${apiVersion}/${kind}`);
  }

  /** The schema of DeleteOptions. */
  deleteOptions(): SchemaNode {
    return this.#meta('DeleteOptions');
  }

  /** Opens an envelope and decodes the kind in it. Throws ProtobufError, also for a kind that nobody knows. */
  decode(bytes: Uint8Array): DecodedProtobuf {
    const { apiVersion, kind, raw } = openEnvelope(bytes);
    return { apiVersion, kind, value: this.decodeMessage(this.#nodeOf(apiVersion, kind), raw) };
  }

  /** A message without an envelope as the JSON decoder would give it; empty values are there. Throws ProtobufError, and DecodeError for bad JSON inside. */
  decodeMessage(node: SchemaNode, raw: Uint8Array): Readonly<Record<string, unknown>> {
    return this.#all().messages.structOf(node).readAll(new WireReader(raw));
  }

  /** {@link decodeMessage}, which yields in the midst of a long message. */
  decodeMessageWork(node: SchemaNode, raw: Uint8Array): Work<Readonly<Record<string, unknown>>> {
    return this.#all().messages.structOf(node).readAllWork(new WireReader(raw));
  }

  /** An object in its envelope. Throws ProtobufError when its kind has no protobuf form. */
  encode(object: Typed): Uint8Array {
    return envelope(object.apiVersion ?? '', object.kind ?? '', this.message(object));
  }

  /** An object's message, without an envelope. `node`: its schema, where the caller has it. */
  message(object: Typed, node: SchemaNode = this.#nodeOf(object.apiVersion ?? '', object.kind ?? '')): Uint8Array {
    this.#writer.clear();
    this.#all()
      .messages.structOf(node)
      .writeFields(this.#writer, object as Readonly<Record<string, unknown>>);
    return this.#writer.take();
  }

  /** {@link message} of an object that never changes (it came out of the store): encoded once. */
  keptMessage(object: Typed, node?: SchemaNode): Uint8Array {
    let bytes = this.#kept.get(object);
    if (bytes === undefined) this.#kept.set(object, (bytes = this.message(object, node)));
    return bytes;
  }

  /** The message of an object's metadata, which never changes: encoded once. */
  keptMetadata(metadata: object): Uint8Array {
    return this.keptMessage(metadata, this.#meta('ObjectMeta'));
  }

  /** The message of a list's metadata. */
  listMeta(metadata: object): Uint8Array {
    return this.message(metadata, this.#meta('ListMeta'));
  }

  #meta(name: string): SchemaNode {
    return this.#source.schemaFor(`io.k8s.apimachinery.pkg.apis.meta.v1.${name}`);
  }

  #nodeOf(apiVersion: string, kind: string): SchemaNode {
    const { kinds } = this.#all().facts;
    const name = `${apiVersion}/${kind}`;
    if (!Object.hasOwn(kinds, name)) throw new ProtobufError(`no protobuf form of kind "${kind}" in version "${apiVersion}"`);
    return this.#source.schemaFor(kinds[name]!);
  }

  #all(): { readonly facts: ProtobufFacts; readonly messages: ReturnType<typeof compileMessages> } {
    if (this.#compiled === undefined) {
      const facts = this.#source.facts();
      this.#compiled = { facts, messages: compileMessages(facts) };
    }
    return this.#compiled;
  }
}
