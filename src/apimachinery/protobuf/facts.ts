// What openapi/protobuf.json says: the field numbers of every message, and which message each kind is.

/** `[number, wire type, label, type]`. The wire type and the label are not reliable; the schema tells lists and maps. */
export type ProtobufField = readonly [number: number, wire: string, label: string, type: string];

export interface ProtobufFacts {
  /** By `v1/Pod`, `apps/v1/Deployment`: the definition's name. */
  readonly kinds: Readonly<Record<string, string>>;
  /** By definition name, then by the field's name in JSON; a field with another name is a struct whose fields stand inline in JSON. */
  readonly messages: Readonly<Record<string, Readonly<Record<string, ProtobufField>>>>;
}
