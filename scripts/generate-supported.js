// Writes docs/supported.md from docs/supported.in.md, openapi/discovery.json and test/parity/divergences.ts.
// With --check nothing is written: exit code 1 when what is there is not what would be written.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = new URL('../', import.meta.url);
const read = (path) => readFileSync(new URL(path, root), 'utf8');

/** What cannot be: the hand-written part names something that is not there. */
function fail(message) {
  console.error(`docs/supported.in.md: ${message}`);
  process.exit(1);
}

/** The lines of a comment `<!-- name … -->`, and the text without it. */
function takeBlock(text, name) {
  const block = new RegExp(`<!-- ${name}\\n([^]*?)-->\\n`).exec(text);
  if (block === null) return fail(`there is no comment ${name}`);
  return { lines: block[1].trim().split('\n'), rest: text.replace(block[0], '') };
}

/** All resources, each once with all its versions, in discovery's order. */
function readResources(discovery) {
  const resources = new Map();
  const subresources = new Set();
  for (const [path, document] of Object.entries(discovery)) {
    if (document.resources === undefined) continue;
    const [group, version] = path.startsWith('/apis/') ? path.split('/').slice(2) : ['', path.split('/')[2]];
    for (const { name, kind, shortNames = [], verbs, namespaced } of document.resources) {
      const [plural, subresource] = name.split('/');
      const id = group === '' ? plural : `${plural}.${group}`;
      const known = resources.get(id);
      if (subresource !== undefined) {
        subresources.add(group === '' ? name : `${id}/${subresource}`);
        if (known && !known.subresources.includes(subresource)) known.subresources.push(subresource);
      } else if (known) known.versions.push(version);
      else resources.set(id, { id, kind, shortNames, verbs, namespaced, versions: [version], subresources: [] });
    }
  }
  return { resources: [...resources.values()], subresources };
}

const all = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

function resourceTable(resources, behaviour, unserved) {
  const rows = resources.map(({ id, kind, shortNames, verbs, namespaced, versions, subresources }) => {
    const shown = all.every((verb) => verbs.includes(verb)) ? 'all' : verbs.join(', ');
    const parts = subresources.filter((one) => !unserved.has(`${id}/${one}`)).join(', ');
    const name = [id, ...shortNames].map((one) => `\`${one}\``).join(' ');
    return `| ${name} | ${kind} | ${versions.join(', ')} | ${namespaced ? 'namespace' : 'cluster'} | ${shown} | ${parts} | ${behaviour.get(id) ?? ''} |`;
  });
  return [
    '| resource | kind | versions | scope | verbs | subresources | beyond storing it |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

async function readDivergences() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('test/parity/divergences.ts', root))],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  });
  const { divergences } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
  return divergences;
}

function divergenceTable(divergences) {
  if (divergences.size === 0) return 'Of the recorded exchanges, none is answered otherwise on purpose.';
  const rows = [...divergences].map(([place, { reason }]) => {
    const [file, number] = place.split(' ');
    const recorded = JSON.parse(read(`test/parity/recorded/${file}.json`))[Number(number) - 1];
    if (recorded === undefined) throw new Error(`test/parity/divergences.ts: there is no recorded answer ${place}`);
    return `| \`${recorded.request.replaceAll('|', '\\|')}\` | ${place} | ${reason.replaceAll('|', '\\|')} |`;
  });
  return [
    'Recorded exchanges that are answered otherwise on purpose:',
    '',
    '| request | case | why |',
    '| --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/** The controllers of src/controllers/index.ts, by the names that they have there. */
function controllerNames() {
  const list = /const definitions[^]*?= \[([^]*?)\];/.exec(read('src/controllers/index.ts'))[1];
  const folders = new Map(
    [...read('src/controllers/index.ts').matchAll(/import \{ (\w+) \} from '\.\/(\w+)\/index\.js'/g)].map(([, name, folder]) => [
      name,
      folder,
    ]),
  );
  return [...list.matchAll(/\w+/g)].map(([name]) => {
    const folder = folders.get(name);
    return new RegExp("name(?:: | = )'([\\w-]+)'").exec(read(`src/controllers/${folder}/index.ts`))[1].replace(/-controller$/, '');
  });
}

const behaviourBlock = takeBlock(read('docs/supported.in.md').replace(/^<!--.*-->\n/, ''), 'behaviour');
const unservedBlock = takeBlock(behaviourBlock.rest, 'unserved');
const { resources, subresources } = readResources(JSON.parse(read('openapi/discovery.json')));
const behaviour = new Map(behaviourBlock.lines.map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]));
for (const id of behaviour.keys()) if (!resources.some((one) => one.id === id)) fail(`there is no resource ${id}`);
const unserved = new Set(unservedBlock.lines);
for (const name of unserved) if (!subresources.has(name)) fail(`there is no subresource ${name}`);
const isCreateOnly = ({ verbs }) => verbs.length === 1 && verbs[0] === 'create';
const recorded = readdirSync(new URL('test/parity/recorded/', root)).filter((file) => file.endsWith('.json'));
const values = {
  resources: resourceTable(resources, behaviour, unserved),
  listable: String(resources.filter((one) => !isCreateOnly(one)).length),
  createOnly: String(resources.filter(isCreateOnly).length),
  unserved: [...unserved].map((name) => `\`${name}\``).join(', '),
  divergences: divergenceTable(await readDivergences()),
  exchanges: String(recorded.reduce((sum, file) => sum + JSON.parse(read(`test/parity/recorded/${file}`)).length, 0)),
  controllers: controllerNames().join(', '),
};
const text = `<!-- Generated by scripts/generate-supported.js from docs/supported.in.md: do not edit. -->\n${unservedBlock.rest
  .replace(/\{\{(\w+)\}\}/g, (_whole, name) => values[name] ?? fail(`there is no value ${name}`))
  .trim()}\n`;

const target = new URL('docs/supported.md', root);
if (!process.argv.includes('--check')) writeFileSync(target, text);
else if (read('docs/supported.md') !== text) {
  console.error('docs/supported.md is out of date: run `node scripts/generate-supported.js`');
  process.exitCode = 1;
}
