// Stands in for the base image: this machine's own Node, a shell and the few programs that the Dockerfile calls, since images are not downloaded.
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What the Dockerfile's commands and npm's own scripts run. */
const programs = ['sh', 'cat', 'chown', 'env', 'mkdir', 'uname'];

function said(program, args) {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : '';
}

/** Puts a program and the libraries that it loads where they are on this machine, or into `/usr/bin`. */
function copyProgram(folder, file, name) {
  copyFileSync(realpathSync(file), join(folder, 'usr', 'bin', name));
  for (const [library] of said('ldd', [file]).matchAll(/\/\S+/g)) {
    const copy = join(folder, library);
    mkdirSync(dirname(copy), { recursive: true });
    if (!existsSync(copy)) copyFileSync(realpathSync(library), copy);
  }
}

/** Fills a folder with what `node:20-alpine` has as far as the Dockerfile needs it. Returns the reason when this machine has not enough for it. */
export function fillBase(folder) {
  for (const path of ['usr/bin', 'usr/lib', 'etc', 'home/node', 'root', 'tmp', 'dev', 'proc', 'sys'])
    mkdirSync(join(folder, path), { recursive: true });
  for (const name of programs) {
    const file = said('sh', ['-c', `command -v ${name}`]);
    if (!file.startsWith('/')) return `there is no ${name} in the PATH`;
    copyProgram(folder, file, name);
  }
  copyProgram(folder, process.execPath, 'node');
  symlinkSync('usr/bin', join(folder, 'bin'));
  const packages = said('npm', ['root', '--global']).split('\n').pop();
  if (!existsSync(join(packages, 'npm'))) return 'there is no npm in the folder of global packages';
  cpSync(join(packages, 'npm'), join(folder, 'usr', 'lib', 'node_modules', 'npm'), { recursive: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(folder, 'usr', 'bin', 'npm'));
  // Names of hosts are looked up by these.
  for (const name of ['hosts', 'nsswitch.conf', 'resolv.conf'])
    if (existsSync(join('/etc', name))) copyFileSync(join('/etc', name), join(folder, 'etc', name));
  for (const name of ['libnss_dns.so.2', 'libnss_files.so.2', 'libresolv.so.2']) {
    const library = said('sh', ['-c', `ls /lib/*/${name} /lib64/${name} 2>/dev/null`]).split('\n')[0];
    if (library === '' || existsSync(join(folder, library))) continue;
    mkdirSync(dirname(join(folder, library)), { recursive: true });
    copyFileSync(realpathSync(library), join(folder, library));
  }
  writeFileSync(join(folder, 'etc', 'passwd'), 'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n');
  writeFileSync(join(folder, 'etc', 'group'), 'root:x:0:\nnode:x:1000:\n');
  const authorities = process.env.NODE_EXTRA_CA_CERTS;
  if (authorities !== undefined) copyFileSync(realpathSync(authorities), join(folder, 'etc', 'authorities.pem'));
  return undefined;
}
