// Writes openapi/texts/<document>.json, the words of `kubectl explain`, from the models of @kubernetes/client-node. A step of the build:
// the texts are Kubernetes' own and are not kept in this repository. Without them the server works, but explains nothing. Another folder
// to write to may be given.
//
// A model is a class in dist/gen/models/<name>.d.ts with a JSDoc comment, as has each of its properties; they are read as text.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const root = new URL('../', import.meta.url);
const schemas = new URL('openapi/schemas/', root);
const output = process.argv[2] === undefined ? new URL('openapi/texts/', root) : pathToFileURL(`${process.argv[2]}/`);
const models = new URL('node_modules/@kubernetes/client-node/dist/gen/models/', root);

if (!existsSync(models)) {
  console.error('texts: @kubernetes/client-node is not installed, so kubectl explain will have no descriptions');
  process.exit(0);
}

const capitalized = (word) => word[0].toUpperCase() + word.slice(1);

/** `io.k8s.api.core.v1.Event` is the model CoreV1Event, since other groups have an Event too; `io.k8s.api.core.v1.Pod` is V1Pod. */
function modelOf(definition) {
  const [group, version, kind] = definition.split('.').slice(-3);
  const names = [`${capitalized(group)}${capitalized(version)}${kind}`, `${capitalized(version)}${kind}`];
  return names.map((name) => new URL(`${name}.d.ts`, models)).find((url) => existsSync(url));
}

/** The words of a comment's lines: without the stars, without the escapes that the generator of the models put in. */
const wordsOf = (lines) =>
  lines
    .map((line) => line.trim().replace(/^\* ?/, ''))
    .join(' ')
    .trim()
    .replaceAll('*_/', '*/')
    .replaceAll('/_*', '/*')
    .replace(/\\(.)/g, '$1');

const read = new Map();
/** The comments of a model's file by what they stand before: a property's name, or '' for the class. */
function commentsOf(url) {
  if (read.has(url.href)) return read.get(url.href);
  const comments = new Map();
  read.set(url.href, comments);
  let comment;
  let inside = false;
  for (const line of readFileSync(url, 'utf8').split('\n')) {
    const text = line.trim();
    if (text === '/**') {
      comment = [];
      inside = true;
    } else if (text === '*/') inside = false;
    else if (inside) comment.push(text);
    else {
      if (text.startsWith('static ')) break;
      const property = /^'?([A-Za-z_$][\w$-]*)'?\??:/.exec(text);
      const name = text.startsWith('export declare class') ? '' : property?.[1];
      if (comment !== undefined && name !== undefined) comments.set(name, wordsOf(comment));
      comment = undefined;
    }
  }
  return comments;
}

/** The names that a property may have in a model: words of TypeScript have an underscore before them, signs are underscores. */
const namesOf = (property) => [property, `_${property}`, property.replace(/[^\w$]/g, '_'), `_${property.replace(/[^\w]/g, '')}`];

/** Words of our own for what almost every kind has; the models have no comments on properties that refer to another definition. */
const common = {
  metadata: "Standard object's metadata: the name, the namespace, labels and what else every object has.",
  spec: 'What is wanted of the object.',
  status: 'What has been observed of the object.',
};

/** The definition that a property refers to. */
const referred = (property) => (property.$ref ?? property.allOf?.[0]?.$ref)?.split('/').at(-1);

/** What is said of the definition that a property refers to, up to its first full stop. */
function firstSentence(definition) {
  const url = definition && modelOf(definition);
  return (
    url &&
    commentsOf(url)
      .get('')
      ?.replace(/(?<=[a-z)]\.) .*/s, '')
  );
}

const known = new Map();
function textsOf(definition, schema) {
  if (!known.has(definition)) {
    const url = modelOf(definition);
    const comments = url === undefined ? new Map() : commentsOf(url);
    const properties = {};
    for (const property of Object.keys(schema.properties ?? {}).sort()) {
      const name = namesOf(property).find((one) => comments.has(one));
      const refersTo = referred(schema.properties[property]);
      const text = name !== undefined ? comments.get(name) : refersTo && (common[property] ?? firstSentence(refersTo));
      if (text !== undefined) properties[property] = text;
    }
    const description = comments.get('');
    known.set(definition, description === undefined && Object.keys(properties).length === 0 ? undefined : { description, properties });
  }
  return known.get(definition);
}

rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
let written = 0;
for (const file of readdirSync(schemas).sort()) {
  const texts = {};
  for (const [definition, schema] of Object.entries(JSON.parse(readFileSync(new URL(file, schemas), 'utf8')))) {
    const one = textsOf(definition, schema);
    if (one !== undefined) texts[definition] = one;
  }
  writeFileSync(new URL(file, output), JSON.stringify(texts));
  written++;
}
console.log(`texts: ${written} documents, ${known.size} definitions`);
