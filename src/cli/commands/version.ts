// kubedouble version
import { kubernetesVersion } from '../../apiserver/version.js';
import { ownPackage } from '../package.js';
import { outputForm } from '../output.js';
import type { Terminal } from '../terminal.js';
import type { Flags } from '../flags.js';

export function version(flags: Flags, screen: Terminal): void {
  const own = ownPackage().version;
  if (outputForm(flags) === 'json') screen.print(JSON.stringify({ version: own, kubernetes: kubernetesVersion, node: process.version }));
  else screen.print(`kubedouble ${own} (Kubernetes ${kubernetesVersion}, Node ${process.version})`);
}
