// The program's own package: its folder and version.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface OwnPackage {
  readonly folder: string;
  readonly version: string;
  /** Whether this is a clone of the sources rather than an installed package. */
  readonly isCheckout: boolean;
}

/** Looks upwards from this module, in the sources or in the bundle. Throws Error when the installation is damaged. */
export function ownPackage(): OwnPackage {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (!existsSync(file)) continue;
    const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name: string; version: string };
    if (name === 'kubedouble') return { folder, version, isCheckout: existsSync(join(folder, 'src')) && existsSync(join(folder, 'certs')) };
  }
  throw new Error('the package.json of kubedouble is missing');
}
