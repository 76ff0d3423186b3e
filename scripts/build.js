// npm run build: bundles the program and the library into dist/, with the API facts and the texts of kubectl explain beside them.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ascii, buildProgram, makeCodeCache, withoutBodyParser } from './lib/program-scripts.js';
import { install, root, run, runTool } from './lib/run.js';

install();
const { build, transform } = await import('esbuild');
const dist = join(root, 'dist');
const started = performance.now();
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  outdir: 'dist',
  plugins: [withoutBodyParser],
};
// Bundled CommonJS packages ask for Node's own modules with require.
const requireOfModules =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";
const library = await Promise.all([
  build({
    ...common,
    entryPoints: { index: 'src/index.ts' },
    format: 'esm',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    banner: { js: requireOfModules },
    write: false,
  }),
  build({
    ...common,
    entryPoints: { index: 'src/index.ts' },
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    define: { 'import.meta.url': '__moduleUrl' },
    banner: { js: "const __moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
    write: false,
  }),
]);
mkdirSync(join(dist, 'chunks'));
for (const { path, text } of library.flatMap(({ outputFiles }) => outputFiles)) writeFileSync(path, ascii(text));
await buildProgram({ build, transform }, common);

/** Copies JSON without its white space: less to read at start. */
function copyFacts(from, to) {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.name === 'types') continue;
    const source = join(from, entry.name);
    if (entry.isDirectory()) copyFacts(source, join(to, entry.name));
    else if (entry.name.endsWith('.json')) writeFileSync(join(to, entry.name), JSON.stringify(JSON.parse(readFileSync(source, 'utf8'))));
  }
}
const texts = join(root, 'openapi', 'texts');
if (!existsSync(texts)) run(process.execPath, [join(root, 'scripts', 'generate-texts.js')]);
copyFacts(join(root, 'openapi'), join(dist, 'openapi'));
makeCodeCache();
if (!process.argv.includes('--no-types') && runTool('typescript/bin/tsc', ['-p', 'tsconfig.build.json']) !== 0) process.exit(1);
console.log(`built dist/ in ${((performance.now() - started) / 1000).toFixed(1)} s`);
