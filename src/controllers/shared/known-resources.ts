// The API's resources as discovery last told of them, for controllers that work on any kind.
import type { GroupResource } from '../../apimachinery/errors/api-error.js';
import type { Client, DiscoveredResource } from '../../client/client.js';
import type { Clock } from '../../clock/clock.js';

export interface KnownResources {
  /** In the version that the API prefers; undefined when the API has no such kind, as far as is known. */
  byKind(group: string, kind: string): Promise<DiscoveredResource | undefined>;
  byResource(resource: GroupResource): Promise<DiscoveredResource | undefined>;
}

/** The server is asked again at most this often, in milliseconds, when something is not known: objects may name kinds that nobody has. */
export const discoveryRefresh = 30_000;

export function createKnownResources(client: Client, clock: Clock): KnownResources {
  let known: ReadonlyMap<string, DiscoveredResource> = new Map();
  let asked: number | undefined;
  let asking: Promise<void> | undefined;
  const ask = async (): Promise<void> => {
    asked = clock.now();
    const all = await client.discover();
    known = new Map(
      all.flatMap((one) => [
        [`kind ${one.group}/${one.kind}`, one],
        [`resource ${one.group}/${one.resource}`, one],
      ]),
    );
  };
  const find = async (id: string): Promise<DiscoveredResource | undefined> => {
    if (known.has(id)) return known.get(id);
    // Who comes while the server is being asked waits for the same answer.
    if (asking === undefined && (asked === undefined || clock.now() - asked >= discoveryRefresh)) {
      asking = ask()
        // A server that did not answer is asked again by the next.
        .catch((error: unknown) => {
          asked = undefined;
          throw error;
        })
        .finally(() => (asking = undefined));
    }
    await asking;
    return known.get(id);
  };
  return {
    byKind: (group, kind) => find(`kind ${group}/${kind}`),
    byResource: ({ group, resource }) => find(`resource ${group}/${resource}`),
  };
}
