// From a request to its verb: the table of what the server does.
import { ApiError, notFound, resourceNotFound } from '../../apimachinery/errors/api-error.js';
import type { Kind } from '../../registry/kind.js';
import { create } from '../verbs/create.js';
import { deleteCollection } from '../verbs/delete-collection.js';
import { deleteObject } from '../verbs/delete.js';
import { get } from '../verbs/get.js';
import { list } from '../verbs/list.js';
import { patch } from '../verbs/patch.js';
import { update } from '../verbs/update.js';
import { watch } from '../verbs/watch.js';
import type { Verb } from '../request/request-info.js';
import { customVerbs } from '../customresources/served.js';
import type { ApiRequest, ApiResult } from './api-request.js';
import { handlerKey, type Core, type ResourceHandler } from './core.js';

const verbs: Readonly<Record<Verb, ResourceHandler>> = {
  create,
  get,
  list,
  watch,
  update,
  patch,
  delete: deleteObject,
  deletecollection: deleteCollection,
};

/** Subresources that are the object itself, seen or written in part. */
const views = new Set(['status', 'finalize', 'approval', 'ephemeralcontainers', 'resize']);

/** Serves one request. Rejects with ApiError (what else it rejects with is a bug, a logged 500). */
export function dispatch(core: Core, request: ApiRequest): Promise<ApiResult> {
  const { kind, verb, subresource } = request;
  const special =
    core.handlers.get(handlerKey(verb, kind, subresource)) ??
    (subresource === '' ? undefined : core.handlers.get(`${verb} */${subresource}`));
  if (special !== undefined) return special(core, request);
  if (subresource !== '' && !views.has(subresource)) throw notFound(kind, request.name);
  return verbs[verb](core, request);
}

/** Throws what the real server answers when the resource has no such subresource or verb. */
export function checkServed(kind: Kind, verb: Verb, subresource: string, namespace: string, name: string, method = 'GET'): void {
  // Of what is going discovery tells only what is left to do; changes are taken all the same, since finalizers must come off.
  const verbsOf = kind.terminating === true ? customVerbs : kind.verbs;
  const served = subresource === '' ? verbsOf : kind.subresources.get(subresource)?.verbs;
  if (served === undefined) throw resourceNotFound();
  // What can only be created has no names in the API.
  if (kind.createOnly && name !== '' && subresource === '') throw resourceNotFound();
  // Nor has it a path without a namespace when it is of one.
  if (kind.createOnly && kind.namespaced && namespace === '') throw resourceNotFound();
  const misplaced = kind.namespaced ? namespace === '' && name !== '' : namespace !== '';
  if (misplaced) throw resourceNotFound();
  const needsNamespace = kind.namespaced && namespace === '' && (verb === 'create' || verb === 'deletecollection');
  const needsCollection = verb === 'create' && subresource === '' && name !== '';
  const needsName = (verb === 'update' || verb === 'patch' || verb === 'delete') && name === '';
  if (method === 'HEAD' || !served.includes(verb) || needsNamespace || needsCollection || needsName) {
    throw new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
  }
}
