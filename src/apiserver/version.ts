// The version of Kubernetes that the API server is.

export const kubernetesVersion = 'v1.36.3';
