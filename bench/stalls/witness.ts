// A thread that asks the server a cheap question all the while, and tells the longest that an answer took.
import { parentPort, workerData } from 'node:worker_threads';
import { ApiClient } from '../api-client.js';
import type { Target } from '../kubeconfig.js';

/** Between an answer and the next question, in milliseconds. */
const pause = 4;

const client = new ApiClient(workerData as Target);
let longest = 0;
let asked = performance.now();

parentPort?.on('message', (message) => {
  // A question that waits still has waited so long at least.
  const told = Math.max(longest, asked === 0 ? 0 : performance.now() - asked);
  if (message === 'begin') longest = 0;
  parentPort?.postMessage(told);
});

for (;;) {
  asked = performance.now();
  await client.request('GET', '/api/v1/namespaces/default');
  longest = Math.max(longest, performance.now() - asked);
  asked = 0;
  await new Promise((done) => setTimeout(done, pause));
}
