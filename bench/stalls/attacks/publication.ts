// What is published: discovery and OpenAPI while hundreds of definitions come and go, and names that two of them want.
import { definitionOf, definitionsPath } from '../../extension/definitions.js';
import { flood, list, type Attack, type Group } from '../world.js';

const count = 300;

export const publication: Group = {
  name: 'publication',
  attacks: async ({ ask }) => {
    /** What was removed lingers for a moment, and its names with it. */
    const gone = async (): Promise<void> => {
      for (let left = true; left;) {
        await new Promise((done) => setTimeout(done, 200));
        const { text } = await ask('GET', `${definitionsPath}`, { headers: { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' } }); // prettier-ignore
        left = /"name":"(things|others)/.test(text);
      }
    };
    const remove = async (): Promise<void> => {
      await flood(count, (index) => ask('DELETE', `${definitionsPath}/things${index}.provider${index % 40}.example.com`));
      await gone();
    };
    const installed = (): ReturnType<typeof flood> =>
      flood(count, (index) => ask('POST', definitionsPath, { body: definitionOf(index) }), 8);
    const during = (title: string, paths: readonly string[], accept: string): Attack => ({
      title: `${title} fetched while ${count} definitions are installed`,
      run: async () => {
        let over = false;
        const installing = installed().finally(() => (over = true));
        const answers = [];
        for (let turn = 0; !over; turn++) {
          answers.push(await ask('GET', paths[turn % paths.length]!, { headers: { accept } }));
          await new Promise((done) => setTimeout(done, 100));
        }
        return [...(await installing), ...answers];
      },
      restore: remove,
    });
    let standing: Promise<unknown> | undefined;
    const after = (title: string, path: string, accept = 'application/json'): Attack => ({
      title: `${title} with ${count} definitions, after a change`,
      prepare: async (round) => {
        await (standing ??= installed().then(() => new Promise((done) => setTimeout(done, 2000))));
        const body = { spec: { names: { shortNames: [`short${round}`] } } };
        await ask('PATCH', `${definitionsPath}/things0.provider0.example.com`, { body, type: 'application/merge-patch+json' });
      },
      run: () => ask('GET', path, { headers: { accept } }),
    });
    const protobuf = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
    const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    return [
      { title: `${count} definitions installed`, run: installed, restore: remove },
      during('OpenAPI v2', ['/openapi/v2'], 'application/json'),
      during('OpenAPI v2 in protobuf', ['/openapi/v2'], protobuf),
      during('OpenAPI v3', ['/openapi/v3', ...list(40, (index) => `/openapi/v3/apis/provider${index}.example.com/v1`)], 'application/json'),
      during('discovery', ['/apis'], aggregated),
      after('OpenAPI v2', '/openapi/v2'),
      after('OpenAPI v2 in protobuf', '/openapi/v2', protobuf),
      after('OpenAPI v3 of a group', '/openapi/v3/apis/provider0.example.com/v1'),
      after('OpenAPI v3 of a group in protobuf', '/openapi/v3/apis/provider0.example.com/v1', 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf'), // prettier-ignore
      after('discovery', '/apis', aggregated),
      {
        title: '100 definitions that want the names of others',
        run: () =>
          flood(100, (index) => {
            const wanted = definitionOf(index) as { readonly metadata: object; readonly spec: { readonly group: string } };
            const names = { plural: `others${index}`, kind: `Thing${index}`, shortNames: ['short', `things${index}`] };
            return ask('POST', definitionsPath, { body: { ...wanted, metadata: { name: `others${index}.${wanted.spec.group}` }, spec: { ...wanted.spec, names } } }); // prettier-ignore
          }),
        restore: async () => {
          await flood(100, (index) => ask('DELETE', `${definitionsPath}/others${index}.provider${index % 40}.example.com`));
          await new Promise((done) => setTimeout(done, 1000));
        },
      },
      { title: 'all definitions removed', run: () => flood(count, (index) => ask('DELETE', `${definitionsPath}/things${index}.provider${index % 40}.example.com`)) }, // prettier-ignore
    ];
  },
};
