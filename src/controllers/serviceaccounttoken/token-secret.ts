// What secrets with tokens of service accounts look like.

export const accountAnnotation = 'kubernetes.io/service-account.name';
export const uidAnnotation = 'kubernetes.io/service-account.uid';
/** Chooses such secrets in lists and watches. */
export const tokenSecretSelector = 'type=kubernetes.io/service-account-token';
