// update: a whole replacement.
import { finish } from '../../clock/slices.js';
import { notFound } from '../../apimachinery/errors/api-error.js';
import type { ApiRequest, ObjectResult } from '../core/api-request.js';
import type { Core } from '../core/core.js';
import { decodeDraft, metadataOf } from '../core/decode.js';
import { settleNamespace, settleOwners, textOf } from '../core/metadata.js';
import { badRequest } from '../../apimachinery/errors/api-error.js';
import { createDraft } from './create.js';
import { workOf } from './turns.js';
import { write } from './write.js';

export async function update(core: Core, request: ApiRequest): Promise<ObjectResult> {
  const { kind, name } = request;
  const decoded = workOf(request, decodeDraft(core, request));
  const first = decoded instanceof Promise ? await decoded : decoded;
  const metadata = metadataOf(first);
  settleNamespace(kind, metadata, request.namespace);
  const given = metadata['name'];
  if (given === undefined || given === '')
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  if (given !== name) throw badRequest(`the name of the object (${textOf(given)}) does not match the name on the URL (${name})`);
  let draft: typeof first | undefined = first;
  return write(core, request, {
    replacement: true,
    *draft() {
      const next = draft ?? (yield* decodeDraft(core, { ...request, warnings: [] }));
      draft = undefined;
      settleOwners(metadataOf(next), request.warnings, false);
      return next;
    },
    missing: () => {
      if (!kind.createOnUpdate) throw notFound(kind, name);
      const made = finish(decodeDraft(core, { ...request, warnings: [] }));
      settleOwners(metadataOf(made), request.warnings, false);
      return createDraft(core, { ...request, verb: 'create' }, made, false);
    },
  });
}
