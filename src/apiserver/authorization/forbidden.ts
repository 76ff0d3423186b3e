// The 403 of a request that nobody allows.
import { ApiError, forbidden } from '../../apimachinery/errors/api-error.js';
import { isResourceRequest, type Attributes, type Decision } from './authorizer.js';

/** The exact sentence that clients compare: `pods is forbidden: User "x" cannot list resource "pods" in API group "" in the namespace "default"`. */
export function forbiddenError(attributes: Attributes, { reason }: Pick<Decision, 'reason'> = { reason: '' }): ApiError {
  const user = JSON.stringify(attributes.user.name);
  const because = reason === '' ? '' : `: ${reason}`;
  if (!isResourceRequest(attributes)) {
    const { verb, path } = attributes;
    return new ApiError(403, 'Forbidden', escaped(`forbidden: User ${user} cannot ${verb} path ${JSON.stringify(path)}${because}`), {});
  }
  const { verb, group, resource, subresource, namespace, name } = attributes;
  const what = JSON.stringify(subresource === '' ? resource : `${resource}/${subresource}`);
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  const why = `User ${user} cannot ${verb} resource ${what} in API group ${JSON.stringify(group)} ${where}${because}`;
  return forbidden({ group, resource }, name, escaped(why));
}

/** A browser may show the sentence, and the request chose its names. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Nobody could tell whether the request is allowed: a webhook failed. The real server answers in plain text. `target` is the path with its query. */
export class UndecidedError extends Error {
  readonly text: string;

  constructor(target: string, error: string) {
    super(error);
    this.text = `Internal Server Error: ${escaped(`${JSON.stringify(target)}: ${error}`)}\n`;
  }
}
