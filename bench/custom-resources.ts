// The definitions of custom resources that are measured and attacked with.

type Schema = Readonly<Record<string, unknown>>;

export interface DefinitionNames {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
}

/** A definition with one version, `v1`. `version` adds to that, `spec` to the whole. */
export function customResourceDefinition(
  { group, plural, kind }: DefinitionNames,
  schema: unknown,
  { version = {}, spec = {} }: { readonly version?: Schema; readonly spec?: Schema } = {},
): unknown {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, kind },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...version }],
      ...spec,
    },
  };
}
