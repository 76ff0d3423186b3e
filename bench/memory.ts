// Resident memory of processes, as the kernel counts it.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from './usage.js';

/** The processes of a Kubernetes API: the server and its store. Controllers beside them are not counted. */
const pidFiles = ['etcd.pid', 'kube-apiserver.pid'];

/** Process ids from a list (`12,34`), or from a folder with etcd.pid and kube-apiserver.pid. Throws UsageError. */
export function processIds(where: string): readonly number[] {
  if (/^\d+(,\d+)*$/.test(where)) return where.split(',').map(Number);
  if (!existsSync(where) || !statSync(where).isDirectory())
    throw new UsageError(`${where} is neither a list of process ids nor a folder with ${pidFiles.join(' and ')}`);
  const found = pidFiles.map((name) => join(where, name)).filter((path) => existsSync(path));
  if (found.length === 0) throw new UsageError(`the folder ${where} has no ${pidFiles.join(' and no ')}`);
  return found.map((path) => Number(readFileSync(path, 'utf8').trim()));
}

/** Their resident memory together, in megabytes of 1,000,000 bytes; undefined where there is no /proc. Throws Error when one of them has ended. */
export function residentMegabytes(pids: readonly number[]): number | undefined {
  if (pids.length === 0 || !existsSync('/proc/self/status')) return undefined;
  return pids.reduce((sum, pid) => sum + residentOf(pid), 0);
}

function residentOf(pid: number): number {
  const path = `/proc/${pid}/status`;
  if (!existsSync(path)) throw new Error(`process ${pid} has ended: its memory cannot be read`);
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(path, 'utf8'))?.[1];
  if (kibibytes === undefined) throw new Error(`${path} has no VmRSS`);
  return (Number(kibibytes) * 1024) / 1e6;
}
