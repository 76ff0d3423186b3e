// The sets of libraries: what Kubernetes has, and what CEL's own test cases use.

import { bindMacros, blockMacros, twoVariableMacros } from '../syntax/macro.js';
import { authorizerLibrary } from './authorizer.js';
import { findLibrary } from './find.js';
import { formatLibrary } from './format.js';
import { jsonPatchLibrary } from './jsonpatch.js';
import { listsLibrary } from './lists.js';
import { encodersLibrary, mathLibrary } from './math.js';
import { networkLibrary } from './network.js';
import { optionalLibrary } from './optionals.js';
import type { Library } from './overload.js';
import { library } from './overload.js';
import { quantityLibrary } from './quantity.js';
import { semverLibrary } from './semver.js';
import { setsLibrary } from './sets.js';
import { standardLibrary } from './standard.js';
import { laterStringsLibrary, stringsLibrary } from './strings.js';
import { urlLibrary } from './url.js';

/** What CEL's own cases use. */
export function celLibraries(): readonly Library[] {
  return [
    standardLibrary(),
    optionalLibrary(),
    stringsLibrary('cel'),
    laterStringsLibrary(),
    mathLibrary(),
    encodersLibrary(),
    library([], [...twoVariableMacros, ...bindMacros, ...blockMacros]),
  ];
}

/** What every expression of Kubernetes 1.36 may use. The authorizer's functions need its variable; without it they are of no use. */
export function kubernetesLibraries(): readonly Library[] {
  kubernetes ??= makeKubernetesLibraries();
  return kubernetes;
}

/** Made once: libraries are immutable, and every rule of every definition asks for them. */
let kubernetes: readonly Library[] | undefined;

function makeKubernetesLibraries(): readonly Library[] {
  return [
    standardLibrary(),
    optionalLibrary(),
    stringsLibrary('kubernetes'),
    listsLibrary(),
    setsLibrary(),
    findLibrary(),
    quantityLibrary(),
    urlLibrary(),
    networkLibrary(),
    semverLibrary(),
    formatLibrary(),
    authorizerLibrary(),
    library([], twoVariableMacros),
  ];
}

/** What mutating admission policies may use beside. */
export function mutatingLibraries(): readonly Library[] {
  return [...kubernetesLibraries(), jsonPatchLibrary()];
}
