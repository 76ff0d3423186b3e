// kubectl explain, from the OpenAPI documents. The texts are a step of the build; the fields are always there.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describeKubectl } from '../support/kit.js';
import { checkout } from '../support/tools.js';
import { lines } from '../support/text.js';

const withTexts = existsSync(join(checkout, 'openapi', 'texts', 'api_v1.json')) ? it : it.skip;

describeKubectl('kubectl: explain', (kit) => {
  it('explain pod.spec --recursive shows the tree of fields', async () => {
    const text = await kit.kubectl().ok('explain', 'pod.spec', '--recursive');
    const rows = lines(text);
    expect(text).toMatch(/^KIND: {7}Pod\nVERSION: {4}v1\n\nFIELD: spec <PodSpec>\n/);
    expect(rows).toContain('  activeDeadlineSeconds\t<integer>');
    expect(rows).toContain('  containers\t<[]Container> -required-');
    expect(rows).toContain('    name\t<string> -required-');
    expect(rows).toContain('        nodeSelectorTerms\t<[]NodeSelectorTerm> -required-');
    expect(rows.filter((row) => row.startsWith('  ')).length).toBeGreaterThan(500);
  });

  it('explain of one field, with its values', async () => {
    const text = await kit.kubectl().ok('explain', 'pod.spec.restartPolicy');
    expect(text).toMatch(/^KIND: {7}Pod\nVERSION: {4}v1\n\nFIELD: restartPolicy <string>\nENUM:\n {4}Always\n {4}Never\n {4}OnFailure\n/);
  });

  it('explain by resource name, short name, group and version', async () => {
    const kubectl = kit.kubectl();
    expect(await kubectl.ok('explain', 'deploy')).toMatch(/^GROUP: {6}apps\nKIND: {7}Deployment\nVERSION: {4}v1\n/);
    expect(await kubectl.ok('explain', 'hpa', '--api-version=autoscaling/v1')).toMatch(
      /^GROUP: {6}autoscaling\nKIND: {7}HorizontalPodAutoscaler\nVERSION: {4}v1\n/,
    );
    expect(await kubectl.ok('explain', 'cronjobs.spec.jobTemplate.spec.template.spec.containers.ports.containerPort')).toContain(
      'FIELD: containerPort <integer>',
    );
  });

  it('explain of what there is not', async () => {
    const kubectl = kit.kubectl();
    expect(await kubectl.fails('explain', 'nosuch')).toBe('the server doesn\'t have a resource type "nosuch"\n');
    expect(await kubectl.fails('explain', 'pod.nosuch')).toBe('error: field "nosuch" does not exist\n');
  });

  withTexts('the texts describe kinds and fields', async () => {
    const kubectl = kit.kubectl();
    expect(await kubectl.ok('explain', 'pod')).toMatch(/DESCRIPTION:\n {4}Pod is a collection of containers that can run on a host\./);
    expect(await kubectl.ok('explain', 'pod.spec.containers.image')).toMatch(/DESCRIPTION:\n {4}Container image name\. More info:/);
  });
});
