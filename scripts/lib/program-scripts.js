// Builds the program's scripts in dist/program/, and what V8 made of them once they have run.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, tryRun } from './run.js';

/**
 * esbuild leaves characters beyond ASCII in regular expressions, where an escape means the same. One of them doubles the memory of a whole
 * script: V8 keeps it with two bytes a character.
 */
export function ascii(text) {
  return text.replace(/[^\0-\x7f]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * Express takes its parsers of bodies from this package, and with it a megabyte of tables of character sets. Nothing here uses them: bodies
 * are read by src/apiserver/http/body.ts.
 */
export const withoutBodyParser = {
  name: 'without-body-parser',
  setup(build) {
    build.onResolve({ filter: /^body-parser$/ }, ({ path }) => ({ path, namespace: 'without' }));
    build.onLoad({ filter: /.*/, namespace: 'without' }, () => ({
      contents: `const none = () => { throw new Error('body-parser is not in the bundle: see scripts/lib/program-scripts.js'); };
        module.exports = { json: none, raw: none, text: none, urlencoded: none };`,
    }));
  },
};

/**
 * esbuild gives scripts two getters for each export, through which a call to another chunk takes 11 ns instead of 1. Nothing here is assigned
 * to once its module has run, so plain properties do.
 */
export function withPlainExports(code, path) {
  const getters = /__export\(stdin_exports,\{((?:[\w$]+:\(\)=>[\w$.]+,?)*)\}\);/.exec(code);
  const early = 'module.exports=__toCommonJS(stdin_exports);';
  if (getters === null || !code.includes(early)) throw new Error(`${path}: esbuild writes exports in another form now`);
  const plain = getters[1].replaceAll(':()=>', ':');
  // A module that runs when it is first asked for, later than its chunk.
  if (/(?:^|,)init_/.test(plain)) throw new Error(`${path}: exports a module that has not run yet`);
  return `${code.replace(getters[0], '').replace(early, '')}\nmodule.exports=__defProp({${plain}},"__esModule",{value:!0});`;
}

/** Bundles the program into scripts that bin/program.js runs: only ES modules can be split, only scripts take V8's data. */
export async function buildProgram({ build, transform }, common) {
  const { outputFiles } = await build({
    ...common,
    outdir: 'dist/program',
    entryPoints: { cli: 'src/cli/main.ts' },
    format: 'esm',
    splitting: true,
    chunkNames: '[name]-[hash]',
    define: { 'import.meta.url': '__moduleUrl' },
    write: false,
  });
  mkdirSync(join(root, 'dist', 'program'), { recursive: true });
  for (const { path, text } of outputFiles) {
    const { target, minifySyntax, minifyWhitespace } = common;
    const { code } = await transform(text, {
      format: 'cjs',
      platform: 'node',
      target,
      minifySyntax,
      minifyWhitespace,
      // Chunks are loaded by `require`, at the same times.
      supported: { 'dynamic-import': false },
    });
    writeFileSync(path, ascii(`(function(exports,require,module,__filename,__moduleUrl){${withPlainExports(code, path)}})`));
  }
}

/** Runs the program once, and keeps what V8 has compiled until then. The program works without it. */
export function makeCodeCache() {
  // Flags that somebody has set for the build are not those of the program.
  const env = { ...process.env, NODE_OPTIONS: '' };
  if (tryRun(process.execPath, [join(root, 'scripts', 'code-cache.js')], { env }) !== 0)
    console.error('the program could not be run once to keep its compiled code: it will take longer to start');
}
