// From the body of a patch request to its value, with what strict validation finds wrong with its text.
import { hasDuplicates, longText, needsCare, parseAndScanWork, SyntaxProblem, type ParsedJson } from '../../apimachinery/codec/json.js';
import { readJsonWork } from '../../apimachinery/codec/json-reader.js';
import { parseYamlWork, YamlProblem } from '../../apimachinery/codec/yaml.js';
import { badRequest } from '../../apimachinery/errors/api-error.js';
import { duplicateFieldProblems } from '../../apimachinery/patch/duplicate-fields.js';
import { jsonPatchProblems } from '../../apimachinery/patch/json-patch.js';
import { finish, type Work } from '../../clock/slices.js';
import type { Duplicates } from '../../apimachinery/schema/problems.js';
import type { ApiRequest, PatchMediaType } from '../core/api-request.js';

export interface PatchBody {
  readonly value: unknown;
  /** `duplicate field "metadata.labels.a"`, `json patch unknown field "[0].comment"`, of an applied configuration `line 3: key "a" already set in map`: empty when the request asks not to be told. */
  readonly problems: readonly string[];
  /** The objects of `value` that have a key twice; they are parts of a JSON Patch's result as they are. */
  readonly duplicates: Duplicates | undefined;
}

const none: readonly string[] = [];

/** Reads the body of a patch request. Throws 400 for a text that cannot be read, worded as the real server does for each kind of patch. */
export function* readPatch(request: ApiRequest): Work<PatchBody> {
  const { body, patchType } = request;
  if (body === undefined) throw badRequest('the request has no body');
  if ('value' in body) return { value: body.value, problems: none, duplicates: undefined };
  if (patchType === 'apply') return yield* readConfiguration(body.bytes, request.options.fieldValidation !== 'Ignore');
  const parsed = yield* readJsonPatch(body.bytes, patchType);
  const { value } = parsed;
  if (request.options.fieldValidation === 'Ignore') return { value, problems: none, duplicates: undefined };
  if (body.bytes.byteLength >= longText) yield;
  const ofOperations = patchType === 'json' ? jsonPatchProblems(value) : none;
  if (!hasDuplicates(parsed)) return { value, problems: ofOperations, duplicates: undefined };
  const read = yield* readJsonWork(body.bytes, { literals: false });
  const ofText = duplicateFieldProblems(read.value, read.duplicates, patchType === 'json' ? 'json patch ' : '');
  return { value: read.value, problems: [...ofOperations, ...ofText], duplicates: patchType === 'json' ? read.duplicates : undefined };
}

/** The patch as a JSON value. Throws as {@link readPatch} does. */
export function patchBody(request: ApiRequest): unknown {
  return finish(readPatch(request)).value;
}

const openingBrace = 0x7b;

/** An applied configuration. JSON, which clients send as YAML since YAML contains it, is read a dozen times as fast. */
function* readConfiguration(bytes: Uint8Array, strict: boolean): Work<PatchBody> {
  if (bytes[0] === openingBrace) {
    try {
      const parsed = yield* parseCarefully(bytes);
      if (bytes.byteLength >= longText) yield;
      // A key that is there twice is told of by its line, which the YAML reader knows.
      if (!strict || !hasDuplicates(parsed)) return { value: parsed.value, problems: none, duplicates: undefined };
    } catch (error) {
      // A flow mapping that is not JSON, or a mistake that the YAML reader words as the real server does.
      if (!(error instanceof SyntaxProblem)) throw error;
    }
  }
  try {
    const { value, duplicates } = yield* parseYamlWork(bytes);
    return { value, problems: strict ? duplicates : none, duplicates: undefined };
  } catch (error) {
    throw error instanceof YamlProblem ? badRequest(`error decoding YAML: error converting YAML to JSON: ${error.message}`) : error;
  }
}

function* readJsonPatch(bytes: Uint8Array, patchType: PatchMediaType | undefined): Work<ParsedJson> {
  try {
    return yield* parseCarefully(bytes);
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    const { message } = error;
    if (patchType === 'strategic') throw badRequest(message);
    const place = patchType === 'json' ? message.replace(' into Go value of ', ' into Go struct field jsonPatchOp.value of ') : message;
    throw badRequest(`error decoding patch: ${place}`);
  }
}

/** The value, with numbers as the real server reads them. */
function* parseCarefully(bytes: Uint8Array): Work<ParsedJson> {
  const parsed = yield* parseAndScanWork(bytes);
  if (!needsCare(parsed.scan)) return parsed;
  const { value, keys } = yield* readJsonWork(bytes, { literals: false, finite: true });
  return { value, scan: parsed.scan, keys };
}
