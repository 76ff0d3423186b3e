// What the checks share that drive command-line tools: they print `ok - NAME` or `not ok - NAME: WHY` for each check.
import { spawn } from 'node:child_process';

/** Runs a program with a text on its standard input; resolves with its exit code and what it printed. Rejects when it cannot be started. */
export function runTool(program, args, input = '') {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let [out, errors] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, errors }));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** The output of a program that must succeed. */
export async function output(program, args, input) {
  const { code, out, errors } = await runTool(program, args, input);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${errors.trim()}`);
  return out;
}

/** The complaint of a program that must fail. */
export async function complaint(program, args, input) {
  const { code, out, errors } = await runTool(program, args, input);
  if (code === 0) throw new Error(`${args.join(' ')} succeeded: ${out.trim()}`);
  return errors.trim();
}

export function want(what, expected, got) {
  if (expected !== got) throw new Error(`${what} is ${JSON.stringify(got)}, not ${JSON.stringify(expected)}`);
}

export function wantMatch(what, pattern, got) {
  if (!pattern.test(got)) throw new Error(`${what} is ${JSON.stringify(got)}, not like ${pattern}`);
}

/** Runs checks one after the other; what fails does not stop the rest. */
export async function runChecks(client, checks) {
  for (const [name, check] of checks) {
    try {
      await check();
      console.log(`ok - ${client}: ${name}`);
    } catch (error) {
      process.exitCode = 1;
      console.log(`not ok - ${client}: ${name}: ${error.message.replaceAll(/\s+/g, ' ').slice(0, 1000)}`);
    }
  }
}
