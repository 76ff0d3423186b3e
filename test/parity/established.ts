// Waits until a definition of custom resources is served: the server goes on with it after its answer.
import { setTimeout as pause } from 'node:timers/promises';
import { send, type Answer, type Step, type Target } from './exchange.js';
import { at } from './path.js';

const patience = 30_000;
const between = 10;

/** Resolves at once for any other step. Rejects when the definition is neither served nor refused in time. */
export async function established(target: Target, step: Step, answer: Answer): Promise<void> {
  if (step.request !== 'POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions' || answer.status !== 201) return;
  const name = String(at(answer.body, 'metadata.name'));
  const request = `GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`;
  for (let left = patience; left > 0; left -= between) {
    const { body } = await send(target, { request }, (text) => text);
    const conditions = (at(body, 'status.conditions') ?? []) as readonly { readonly type: string; readonly status: string }[];
    if (
      conditions.some(
        ({ type, status }) => (type === 'Established' && status === 'True') || (type === 'NamesAccepted' && status === 'False'),
      )
    )
      return;
    await pause(between);
  }
  throw new Error(`${name} was not established in ${patience / 1000} s`);
}
