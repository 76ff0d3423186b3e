// The configuration of PodSecurity: what holds where labels say nothing, and who is let alone.
// https://kubernetes.io/docs/tasks/configure-pod-container/enforce-standards-admission-controller/
import { ConfigurationError, configurationOf, fieldsOf, joined, textOf, textsOf } from '../control/decode.js';
import { isLevel, isVersion, levelProblem, versionProblem } from './labels.js';
import { modes, type Mode, type Standard } from './standards.js';

export interface PodSecurityConfiguration {
  /** For namespaces without the label of a mode. */
  readonly defaults: Readonly<Record<Mode, Standard>>;
  readonly exemptions: {
    readonly usernames: ReadonlySet<string>;
    readonly runtimeClasses: ReadonlySet<string>;
    readonly namespaces: ReadonlySet<string>;
  };
}

const versions = ['v1', 'v1beta1', 'v1alpha1'].map((version) => `pod-security.admission.config.k8s.io/${version}`);

/** Throws {@link ConfigurationError}. Without a configuration nothing holds that no label asks for. */
export function readPodSecurity(value: unknown): PodSecurityConfiguration {
  const absent = value === undefined || value === null;
  const file = absent ? {} : configurationOf(value, 'PodSecurityConfiguration', versions, ['defaults', 'exemptions']);
  const given = fieldsOf(
    file['defaults'],
    'defaults',
    modes.flatMap((mode) => [mode, `${mode}-version`]),
  );
  const errors: string[] = [];
  const standard = (mode: Mode): Standard => {
    const level = textOf(given[mode], `defaults.${mode}`) || 'privileged';
    const version = textOf(given[`${mode}-version`], `defaults.${mode}-version`) || 'latest';
    if (!isVersion(version)) errors.push(`${mode}-version: ${versionProblem}`);
    if (isLevel(level)) return { level, version };
    errors.push(`${mode}: ${levelProblem}`);
    return { level: 'restricted', version };
  };
  const defaults = { enforce: standard('enforce'), audit: standard('audit'), warn: standard('warn') };
  if (errors.length > 0) throw new ConfigurationError(`PodSecurity configuration error: ${joined(errors)}`);
  const lists = fieldsOf(file['exemptions'], 'exemptions', ['usernames', 'runtimeClasses', 'namespaces']);
  const names = (list: string): ReadonlySet<string> => new Set(textsOf(lists[list], `exemptions.${list}`));
  return {
    defaults,
    exemptions: { usernames: names('usernames'), runtimeClasses: names('runtimeClasses'), namespaces: names('namespaces') },
  };
}
