// Which OpenAPI documents there are and what each is made of.
import { createHash } from 'node:crypto';
import { apiPath, documentName } from '../../registry/facts.js';
import type { Work } from '../../clock/slices.js';
import type { Kind } from '../../registry/kind.js';
import type { KindSource } from '../discovery/source.js';
import { commonTexts, customDefinitionsV2, customDefinitionsV3, type CommonTexts } from './custom.js';
import {
  recordedDefinitions,
  recordedTexts,
  referredDefinitions,
  withTexts,
  type Definitions,
  type DefinitionTexts,
  type OpenApiFacts,
} from './definitions.js';
import { Entries, entriesOf } from './entries.js';
import { listDefinition, meta } from './names.js';
import { pathsOf, type PathModel } from './paths.js';
import { coreVersionsPath, groupPath, groupsPath, single, versionInfo, versionPath } from './other-paths.js';
import { documentV2, pathItemV2 } from './version2.js';
import { customDocumentV3, documentV3 } from './version3.js';

/** One document of version 3. */
export interface DocumentSource {
  /** Its name in the index: `apis/apps/v1`. */
  readonly name: string;
  /** The name of its facts: `apis_apps_v1`. */
  readonly facts: string;
  readonly kinds: readonly Kind[];
  readonly paths: () => readonly PathModel[];
}

/** All documents of version 3 in the order of their names. */
export function documentSources(registry: KindSource): readonly DocumentSource[] {
  const sources: DocumentSource[] = [...single].map(([name, path]) => plain(name, path));
  sources.push(plain('api', coreVersionsPath), plain('apis', groupsPath));
  for (const { name: group, versions } of registry.groups()) {
    const builtIn = registry.kindsOf(group, versions[0]!).some((kind) => kind.customSchema === undefined);
    if (group !== '' && builtIn) sources.push(plain(`apis/${group}`, groupPath(group)));
    for (const version of versions) {
      const kinds = registry.kindsOf(group, version);
      sources.push({
        name: apiPath(group, version).slice(1),
        facts: documentName(group, version),
        kinds,
        paths: () => sorted([...(isBuiltIn(kinds) ? [versionPath(group, version)] : []), ...kinds.flatMap(pathsOf)]),
      });
    }
  }
  return sources.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function plain(name: string, path: PathModel): DocumentSource {
  return { name, facts: name.replaceAll('/', '_'), kinds: [], paths: () => [path] };
}

function isBuiltIn(kinds: readonly Kind[]): boolean {
  return kinds.some((kind) => kind.customSchema === undefined);
}

function sorted(paths: readonly PathModel[]): readonly PathModel[] {
  return [...paths].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The facts that custom resources' documents take the definitions of metadata, deletion and scale from. */
const commonFacts = documentName('', 'v1');

/** An object whose texts on apiVersion, kind and metadata are those of every object. */
const anyObject = 'io.k8s.api.core.v1.ConfigMap';

function textsOfEveryObject(texts: Definitions): CommonTexts {
  return commonTexts(Object.hasOwn(texts, anyObject) ? (texts[anyObject] as DefinitionTexts) : undefined);
}

/** One document of version 3. */
export function buildV3(source: DocumentSource, facts: OpenApiFacts, version: string): unknown {
  const paths = source.paths();
  const schemas = schemasV3(source, paths, facts);
  return source.kinds.length > 0 && !isBuiltIn(source.kinds) ? customDocumentV3(paths, schemas) : documentV3(version, paths, schemas);
}

function schemasV3(
  { name, facts: document, kinds }: DocumentSource,
  paths: readonly PathModel[],
  facts: OpenApiFacts,
): Entries | undefined {
  if (name === 'version') return new Entries(() => Object.entries(versionInfo));
  const customKinds = kinds.filter((kind) => kind.customSchema !== undefined);
  const texts = customKinds.length === 0 ? undefined : textsOfEveryObject(recordedTexts(facts, commonFacts));
  const custom = madeLater(customKinds, (kind) => customDefinitionsV3(kind, texts));
  const own = recordedDefinitions(facts, document);
  if (own !== undefined) return withTexts(own, recordedTexts(facts, document), custom);
  if (kinds.length === 0) return undefined;
  const used = paths.flatMap(({ operations }) =>
    operations.flatMap((one) => [
      ...(one.body === undefined ? [] : [one.body.definition]),
      ...one.responses.map(([, definition]) => definition),
    ]),
  );
  const metadata = customKinds.length === 0 ? [] : [`${meta}.ObjectMeta`, `${meta}.ListMeta`];
  const references = [...used, ...metadata].filter((one) => one !== undefined).map((definition) => ({ $ref: `/${definition}` }));
  const common = referredDefinitions(references, recordedDefinitions(facts, commonFacts) ?? {});
  return withTexts(common, recordedTexts(facts, commonFacts), custom);
}

/** The definitions of custom resources and their lists by name: each is made when it is written, so that few are held at a time. */
function madeLater(kinds: readonly Kind[], make: (kind: Kind) => Definitions): ReadonlyMap<string, () => unknown> {
  let last: { readonly kind: Kind; readonly made: Definitions } | undefined;
  const madeOf = (kind: Kind): Definitions => (last?.kind === kind ? last : (last = { kind, made: make(kind) })).made;
  return new Map(kinds.flatMap((kind) => [kind.definition, listDefinition(kind)].map((name) => [name, () => madeOf(kind)[name]])));
}

/** The one document of version 2. */
export function buildV2(registry: KindSource, facts: OpenApiFacts, version: string): unknown {
  const paths = new Entries(function* () {
    const all = documentSources(registry).flatMap((source) => source.paths());
    for (const path of sorted(all)) yield [path.path, pathItemV2(path)];
  });
  const definitions = new Entries(function* () {
    const texts = recordedTexts(facts, 'v2-definitions');
    const common = textsOfEveryObject(texts);
    const customKinds = registry.kinds().filter((kind) => kind.customSchema !== undefined);
    const custom = madeLater(customKinds, (kind) => customDefinitionsV2(kind, common));
    const own = recordedDefinitions(facts, 'v2-definitions') ?? {};
    yield* entriesOf(withTexts(own, texts, custom));
  });
  return documentV2(version, paths, definitions);
}

/** Says in a few bytes what a document is made of: a digest of the kinds and of the facts. Nothing of the document is built. */
export class Digests {
  private readonly files = new Map<string, string>();

  constructor(
    private readonly facts: OpenApiFacts,
    private readonly version: string,
  ) {}

  /** 128 hexadecimal digits. */
  ofSource({ name, facts, kinds }: DocumentSource): string {
    const document = kinds.length > 0 && !isBuiltIn(kinds) ? commonFacts : facts;
    return digest([this.version, name, this.ofFiles(document), ...kinds.map(signature)]);
  }

  ofAll(registry: KindSource): string {
    return digest([this.version, this.ofFiles('v2-definitions'), ...registry.kinds().map(signature)]);
  }

  private ofFiles(document: string): string {
    let value = this.files.get(document);
    if (value === undefined) {
      value = digest(['schemas', 'texts'].map((folder) => this.facts.read(`${folder}/${document}.json`) ?? ''));
      this.files.set(document, value);
    }
    return value;
  }
}

/** Works out what {@link Digests} of these kinds take long for. */
export function* signAll(kinds: readonly Kind[]): Work<void> {
  for (const kind of kinds) {
    if (signatures.has(kind)) continue;
    signature(kind);
    yield;
  }
}

/** Kinds stay as they are: what was worked out once of one is kept with it. A memo, not state. */
const signatures = new WeakMap<Kind, string>();

function signature(kind: Kind): string {
  let known = signatures.get(kind);
  if (known === undefined) signatures.set(kind, (known = digest([signedText(kind)])));
  return known;
}

/** What documents show of a kind. */
function signedText({ group, version, resource, kind, listKind, namespaced, verbs, definition, subresources, customSchema }: Kind): string {
  return JSON.stringify([
    group,
    version,
    resource,
    kind,
    listKind,
    namespaced,
    verbs,
    definition,
    [...subresources.values()],
    customSchema,
  ]);
}

function digest(parts: readonly string[]): string {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').toUpperCase();
}
