// A plugin that could not give an answer.

/** `message` is for the pod's condition: which plugin, at which point, and what it said. */
export class PluginError extends Error {}
