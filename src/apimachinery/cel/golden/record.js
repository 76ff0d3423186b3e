// Takes the golden answers from a real API server: node src/apimachinery/cel/golden/record.js FOLDER-WITH-admin.crt-AND-admin.key [ADDRESS]
// It creates definitions (named *.cel-golden.example.com) and removes them; objects are created with dry run.
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';

const folder = process.argv[2] ?? '.';
const address = process.argv[3] ?? 'https://127.0.0.1:27443';
const here = new URL('.', import.meta.url);
const questions = JSON.parse(readFileSync(new URL('questions.json', here), 'utf8'));
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const group = 'cel-golden.example.com';

function ask(method, path, body) {
  return new Promise((resolve, reject) => {
    const options = {
      method,
      rejectUnauthorized: false,
      cert: readFileSync(`${folder}/admin.crt`),
      key: readFileSync(`${folder}/admin.key`),
      headers: { 'content-type': 'application/json' },
    };
    const outgoing = request(address + path, options, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => resolve(JSON.parse(Buffer.concat(parts).toString('utf8'))));
    });
    outgoing.on('error', reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** A definition with each rule on a property of its own, so that one request asks about all. */
function definition(schema, rules) {
  const properties = Object.fromEntries(rules.map((rule, index) => [`c${index}`, { ...schema, 'x-kubernetes-validations': [rule] }]));
  const root = { type: 'object', properties: { spec: { type: 'object', properties } } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `goldens.${group}` },
    spec: {
      group,
      scope: 'Cluster',
      names: { plural: 'goldens', kind: 'Golden' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: root } }],
    },
  };
}

/** What is said about each rule. */
function causesByRule(answer, count) {
  const messages = Array.from({ length: count }, () => []);
  for (const { field = '', message } of answer.details?.causes ?? []) {
    const index = /properties\[c(\d+)\]/.exec(field)?.[1];
    if (index !== undefined) messages[Number(index)].push(message.replace(/selfType\d+/g, 'selfType'));
  }
  return messages;
}

async function refusals(schema, rules) {
  const all = [];
  for (let from = 0; from < rules.length; from += 100) {
    const some = rules.slice(from, from + 100);
    all.push(...causesByRule(await ask('POST', `${definitions}?dryRun=All`, definition(schema, some)), some.length));
  }
  return all;
}

async function compile({ schema, expressions }) {
  const answers = await refusals(
    schema,
    expressions.map((rule) => ({ rule, message: 'x' })),
  );
  return expressions.map((expression, index) => {
    let error;
    let factor;
    for (const message of answers[index]) {
      const start = message.indexOf('OptionalOldSelf":null}: ');
      if (start >= 0) error = message.slice(start + 24);
      else if (message.startsWith('Invalid value')) error = message.slice(message.lastIndexOf('}: ') + 3);
      factor ??= /estimated rule cost exceeds budget by factor of (.*?) \(/.exec(message)?.[1];
    }
    return { expression, ...(error === undefined ? {} : { error }), ...(factor === undefined ? {} : { factor }) };
  });
}

/** How much over the limit a rule is that does the same once for every item of a list of known length. */
async function costs({ schema, lengths, expressions }) {
  const found = expressions.map((expression) => ({ expression, factors: {} }));
  for (const length of lengths) {
    const sized = { ...schema, properties: { ...schema.properties, x: { type: 'array', maxItems: length, items: { type: 'integer' } } } };
    const answers = await refusals(
      sized,
      expressions.map((expression) => ({ rule: `self.x.all(xx, ${expression})`, message: 'x' })),
    );
    for (const [index, messages] of answers.entries()) {
      const factor = messages
        .map((message) => /exceeds budget by factor of (.*?) \(/.exec(message)?.[1])
        .find((text) => text !== undefined);
      if (factor !== undefined) found[index].factors[length] = factor;
    }
  }
  return found;
}

async function established() {
  for (;;) {
    const { status } = await ask('GET', `${definitions}/goldens.${group}`);
    if (status?.conditions?.some(({ type, status: value }) => type === 'Established' && value === 'True')) break;
  }
  // The resource is served a moment after the condition says so.
  while ((await ask('GET', `/apis/${group}/v1/goldens`)).kind === 'Status');
}

async function gone() {
  await ask('DELETE', `${definitions}/goldens.${group}`);
  while ((await ask('GET', `${definitions}/goldens.${group}`)).reason !== 'NotFound');
}

/** What rules say of an object: true, false, or an error. `texts` are message expressions, whose text is the answer. */
async function evaluate({ schema, object, expressions }, texts) {
  const rules = expressions.map((one) => (texts ? { rule: 'self.i == 7777', messageExpression: one } : { rule: one, message: 'FALSE' }));
  const bad = (await refusals(schema, rules)).map((messages) => messages.length > 0);
  const good = rules.filter((_, index) => !bad[index]);
  await ask('POST', definitions, definition(schema, good));
  await established();
  const answers = [];
  for (const [index, rule] of good.entries()) {
    const body = { apiVersion: `${group}/v1`, kind: 'Golden', metadata: { name: 'x' }, spec: { [`c${index}`]: object } };
    const [cause] = causes(await ask('POST', `/apis/${group}/v1/goldens?dryRun=All`, body));
    answers.push({
      expression: texts ? rule.messageExpression : rule.rule,
      answer: texts ? cause?.replace('Invalid value: ', '') : resultOf(cause),
    });
  }
  await gone();
  return answers;
}

function causes(answer) {
  return answer.kind === 'Status' ? (answer.details?.causes ?? []).map(({ message }) => message) : [];
}

function resultOf(cause) {
  if (cause === undefined) return true;
  if (cause === 'Invalid value: FALSE') return false;
  const text = cause.replace('Invalid value: "object": ', '').replace(' evaluating rule: FALSE', '');
  return /^'(no such overload.*?)': call/.exec(text)?.[1] ?? text;
}

const answers = {
  compile: await compile(questions.compile),
  costs: await costs(questions.costs),
  run: await evaluate(questions.run, false),
  texts: await evaluate(questions.texts, true),
};
writeFileSync(new URL('answers.json', here), `${JSON.stringify(answers, null, 1)}\n`);
console.log(
  Object.entries(answers)
    .map(([name, list]) => `${name}: ${list.length}`)
    .join(', '),
);
