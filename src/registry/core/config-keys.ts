// The rules for the keys of ConfigMaps and Secrets. https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-object
import { invalid } from '../../apimachinery/errors/field-error.js';
import type { Errors } from '../rules/fields.js';

const longest = 253;
const form = /^[-._a-zA-Z0-9]+$/;

/** Whether there is nothing wrong with a key, as with nearly all of them. */
export function isConfigKey(key: string): boolean {
  return key.length <= longest && form.test(key) && !key.startsWith('.');
}

/** What is wrong with a key. */
export function configKeyErrors(field: string, key: string): Errors {
  const problems: string[] = [];
  if (key.length > longest) problems.push(`must be no more than ${longest} characters`);
  if (!form.test(key)) {
    problems.push(
      "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    );
  }
  if (key === '.') problems.push("must not be '.'");
  else if (key === '..') problems.push("must not be '..'");
  else if (key.startsWith('..')) problems.push("must not start with '..'");
  return problems.map((why) => invalid(field, key, why));
}
