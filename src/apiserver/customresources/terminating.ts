// Nothing new of a custom resource whose definition is being deleted.
import { forbidden } from '../../apimachinery/errors/api-error.js';
import type { AdmissionPlugin } from '../admission/chain.js';

export const refuseWhileTerminating: AdmissionPlugin = {
  name: 'CustomResourceTerminating',
  handles: ({ operation, kind }) => kind.terminating === true && operation === 'CREATE',
  admit: ({ kind, name }) => {
    throw forbidden(kind, name, 'create not allowed while custom resource definition is terminating');
  },
};
