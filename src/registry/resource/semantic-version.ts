// Semantic versions.
/** https://semver.org/spec/v2.0.0.html, in steps so that no pattern backtracks. */
export function isSemanticVersion(version: string): boolean {
  const [beforeBuild = '', ...build] = version.split('+');
  const dash = beforeBuild.indexOf('-');
  const core = dash < 0 ? beforeBuild : beforeBuild.slice(0, dash);
  const numbers = core.split('.');
  const identifiers = (text: string): boolean => text.split('.').every((part) => /^[0-9A-Za-z-]+$/.test(part));
  const unpadded = (text: string): boolean => !text.split('.').some((part) => /^0[0-9]+$/.test(part));
  return (
    build.length <= 1 &&
    numbers.length === 3 &&
    numbers.every((part) => /^(0|[1-9][0-9]*)$/.test(part)) &&
    (dash < 0 || (identifiers(beforeBuild.slice(dash + 1)) && unpadded(beforeBuild.slice(dash + 1)))) &&
    (build[0] === undefined || identifiers(build[0]))
  );
}
