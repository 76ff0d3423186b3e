// Definitions of objects: from the recorded schemas, with texts where the build has made them.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRecord } from '../../apimachinery/object.js';
import { Entries } from './entries.js';

/** Where the recorded facts come from. */
export interface OpenApiFacts {
  /** The text of a file under `openapi/`, such as `schemas/apis_apps_v1.json` or `texts/apis_apps_v1.json`; undefined when it is not there. */
  read(file: string): string | undefined;
}

/** The facts in a folder such as `Facts.folder` of the registry; files are read anew each time. */
export function factsOfFolder(folder: string): OpenApiFacts {
  return {
    read: (file) => {
      const path = join(folder, file);
      return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    },
  };
}

export type Definitions = Readonly<Record<string, unknown>>;

/** What a definition and its properties mean, in words; see scripts/generate-texts.js. */
export interface DefinitionTexts {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, string>>;
}

/** The recorded definitions of a document such as `apis_apps_v1`; undefined when there is none of that name. Nothing is kept. */
export function recordedDefinitions(facts: OpenApiFacts, document: string): Definitions | undefined {
  return parsed(facts.read(`schemas/${document}.json`));
}

/** The texts of a document by definition; empty when the build made none. Nothing is kept. */
export function recordedTexts(facts: OpenApiFacts, document: string): Definitions {
  return parsed(facts.read(`texts/${document}.json`)) ?? {};
}

function parsed(text: string | undefined): Definitions | undefined {
  const value: unknown = text === undefined ? undefined : JSON.parse(text);
  return isRecord(value) ? value : undefined;
}

/** The definitions in the order of their names, each with its texts put in. `more` are made one by one, and need no texts. */
export function withTexts(definitions: Definitions, texts: Definitions, more: ReadonlyMap<string, () => unknown> = new Map()): Entries {
  return new Entries(function* () {
    for (const name of [...new Set([...Object.keys(definitions), ...more.keys()])].sort()) {
      const made = more.get(name);
      if (made !== undefined) {
        yield [name, made()];
        continue;
      }
      const text = Object.hasOwn(texts, name) ? (texts[name] as DefinitionTexts) : undefined;
      yield [name, text === undefined ? definitions[name] : described(definitions[name], text)];
    }
  });
}

function described(definition: unknown, { description, properties: texts = {} }: DefinitionTexts): unknown {
  if (!isRecord(definition)) return definition;
  const { properties } = definition;
  return {
    ...(description === undefined ? {} : { description }),
    ...definition,
    ...(isRecord(properties)
      ? {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, schema]) => [
              name,
              isRecord(schema) && Object.hasOwn(texts, name) ? { description: texts[name], ...schema } : schema,
            ]),
          ),
        }
      : {}),
  };
}

/** The definitions that these schemas refer to, over any number of steps, looked up in `from`. */
export function referredDefinitions(schemas: readonly unknown[], from: Definitions): Definitions {
  const found: Record<string, unknown> = {};
  const rest = [...schemas];
  while (rest.length > 0) {
    const schema = rest.pop();
    if (Array.isArray(schema)) rest.push(...(schema as unknown[]));
    else if (isRecord(schema)) {
      rest.push(...Object.values(schema));
      const name = typeof schema.$ref === 'string' ? schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1) : '';
      if (Object.hasOwn(from, name) && !Object.hasOwn(found, name)) {
        found[name] = from[name];
        rest.push(from[name]);
      }
    }
  }
  return found;
}
