// Loads the scripts of dist/program/ with what V8 made of them at build time (docs/decisions/013-code-cache.md).
// Node's modules are not imported: the import of eight takes 8 ms of every start more than asking for them.
const builtin = (name) => process.getBuiltinModule(name);
const { existsSync, readFileSync } = builtin('node:fs');
const { availableParallelism } = builtin('node:os');
const { join } = builtin('node:path');
const { fileURLToPath, pathToFileURL } = builtin('node:url');
const { setFlagsFromString } = builtin('node:v8');
const { Script } = builtin('node:vm');
const { crc32 } = builtin('node:zlib');

/** Where the build puts the scripts of the program. */
export const programFolder = fileURLToPath(new URL('../dist/program/', import.meta.url));

export function isBuilt() {
  return existsSync(join(programFolder, 'cli.js'));
}

/** V8 refuses what was made under other flags, so the build sets the same. */
export function setFlags() {
  // A young generation that grows at once has a start and a busy server copy less: 7 % of a start, for ten megabytes when idle.
  setFlagsFromString('--semi-space-growth-factor=4');
  // Where cores are few, the helpers of garbage collection take those of the clients (docs/benchmarks.md has figures).
  if (availableParallelism() > 4) return;
  const helpers = ['parallel-scavenge', 'concurrent-marking', 'concurrent-sweeping', 'parallel-compaction', 'parallel-pointer-update'];
  for (const helper of [...helpers, 'concurrent-array-buffer-sweeping']) setFlagsFromString(`--no-${helper}`);
}

const headerLength = 8;
const maker = crc32(`${process.version} ${process.platform} ${process.arch}`);

/** The content of a cache file: two checksums, of the script with the Node it is for, and of V8's data. */
export function sealCache(source, data) {
  const header = Buffer.alloc(headerLength);
  header.writeUInt32LE(crc32(source, maker), 0);
  header.writeUInt32LE(crc32(data), 4);
  return Buffer.concat([header, data]);
}

/**
 * V8's data for a script; undefined when there is none that fits. V8 itself compares its version, its flags and the script's length,
 * but takes damaged data for good and ends the process.
 */
function readCache(file, source) {
  let content;
  try {
    content = readFileSync(file);
  } catch {
    return undefined;
  }
  if (content.length <= headerLength || content.readUInt32LE(0) !== crc32(source, maker)) return undefined;
  const data = content.subarray(headerLength);
  return content.readUInt32LE(4) === crc32(data) ? data : undefined;
}

/** One of Node's own modules; throws as Node does for others, which some packages try to use. */
function builtinOf(name) {
  const found = builtin(name);
  if (found === undefined) throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });
  return found;
}

/**
 * A function that runs a script of the folder once and returns its exports. `loaded` is told of each script before it runs. A script is a
 * function expression over the variables of a CommonJS module and `__moduleUrl`; it holds ASCII alone.
 */
export function createLoader(folder = programFolder, loaded = () => undefined) {
  const modules = new Map();
  const folderUrl = pathToFileURL(folder).href.replace(/\/?$/, '/');
  const load = (name) => {
    const known = modules.get(name);
    if (known !== undefined) return known.exports;
    const filename = join(folder, name);
    const source = readFileSync(filename);
    const cachedData = readCache(`${filename}.cache`, source);
    const script = new Script(source.latin1Slice(), { filename, ...(cachedData === undefined ? {} : { cachedData }) });
    loaded(name, script, source);
    const module = { exports: {} };
    modules.set(name, module);
    const require = (wanted) => (wanted.startsWith('./') ? load(wanted.slice(2)) : builtinOf(wanted));
    script.runInThisContext().call(module.exports, module.exports, require, module, filename, folderUrl + name);
    return module.exports;
  };
  return load;
}
