// Semantic versions. https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-semver-library

import { sizeAt, sizeOf, scaleCost, perCharacter } from '../cost/costs.js';
import { failure } from '../evaluate/errors.js';
import { opaqueType } from '../types.js';
import type { CelValue } from '../values/value.js';
import { OpaqueValue } from '../values/value.js';
import type { Costs, Library } from './overload.js';
import { library, overload } from './overload.js';

interface Version {
  readonly numbers: readonly bigint[];
  readonly prerelease: readonly string[];
}

const semverType = opaqueType('kubernetes.Semver');

/** `1.2.3-rc.1+build`; the error is a text. */
function parseVersion(text: string): Version | string {
  if (text === '') return 'Version string empty';
  const plus = text.indexOf('+');
  const version = plus < 0 ? text : text.slice(0, plus);
  const dash = version.indexOf('-');
  const core = (dash < 0 ? version : version.slice(0, dash)).split('.');
  if (text.split('.', 3).length !== 3 || core.length !== 3) return 'No Major.Minor.Patch elements found';
  for (const [index, part] of core.entries()) {
    const name = ['Major', 'Minor', 'Patch'][index] ?? '';
    if (!/^\d{1,20}$/.test(part)) return `Invalid character(s) found in ${name.toLowerCase()} number ${JSON.stringify(part)}`;
    if (part.length > 1 && part.startsWith('0')) return `${name} number must not contain leading zeroes ${JSON.stringify(part)}`;
  }
  const prerelease = dash < 0 ? [] : version.slice(dash + 1).split('.');
  const build = plus < 0 ? [] : text.slice(plus + 1).split('.');
  for (const part of prerelease) {
    if (part === '') return 'Prerelease is empty';
    if (/^0\d+$/.test(part)) return `Numeric PreRelease version must not contain leading zeroes ${JSON.stringify(part)}`;
    if (!/^[0-9A-Za-z-]+$/.test(part)) return `Invalid character(s) found in prerelease ${JSON.stringify(part)}`;
  }
  for (const part of build) {
    if (part === '') return 'Build meta data is empty';
    if (!/^[0-9A-Za-z-]+$/.test(part)) return `Invalid character(s) found in build meta data ${JSON.stringify(part)}`;
  }
  return { numbers: core.map(BigInt), prerelease };
}

/** Takes off a `v` and leading zeros, and adds missing minor and patch numbers. */
function normalize(text: string): string {
  const trimmed = text.startsWith('v') ? text.slice(1) : text;
  const end = /[-+]/.exec(trimmed)?.index ?? trimmed.length;
  const core = trimmed
    .slice(0, end)
    .split('.')
    .map((part) => part.replace(/^0+(?=\d)/, ''));
  while (core.length < 3) core.push('0');
  return `${core.join('.')}${trimmed.slice(end)}`;
}

function parse(text: CelValue, normalized?: CelValue): Version | string {
  return parseVersion(normalized === true ? normalize(text as string) : (text as string));
}

function comparePart(left: string, right: string): number {
  const [one, other] = [/^\d+$/.test(left), /^\d+$/.test(right)];
  if (one !== other) return one ? -1 : 1;
  if (one) return BigInt(left) < BigInt(right) ? -1 : BigInt(left) > BigInt(right) ? 1 : 0;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** A prerelease comes before its release. */
function compare(left: Version, right: Version): number {
  for (const [index, number] of left.numbers.entries()) {
    const other = right.numbers[index] ?? 0n;
    if (number !== other) return number < other ? -1 : 1;
  }
  if (left.prerelease.length === 0 || right.prerelease.length === 0) {
    return Math.sign(Number(left.prerelease.length === 0) - Number(right.prerelease.length === 0));
  }
  for (const [index, part] of left.prerelease.entries()) {
    const other = right.prerelease[index];
    if (other === undefined) return 1;
    const order = comparePart(part, other);
    if (order !== 0) return order;
  }
  return left.prerelease.length < right.prerelease.length ? -1 : 0;
}

function semver(text: CelValue, normalized?: CelValue): OpaqueValue {
  const version = parse(text, normalized);
  if (typeof version === 'string') throw failure(version);
  return new OpaqueValue(semverType, version, (other) => compare(version, other as Version) === 0);
}

const version = (value: CelValue): Version => (value as OpaqueValue).content as Version;
const order = (left: CelValue, right: CelValue): number => compare(version(left), version(right));

const reading: Costs = {
  cost: (args) => Math.ceil(sizeOf(args[0]) * perCharacter),
  estimate: (args) => ({ cost: scaleCost(sizeAt(args, 0), perCharacter) }),
};

export function semverLibrary(): Library {
  return library([
    overload('semver(string): kubernetes.Semver', (text) => semver(text), reading),
    overload('semver(string, bool): kubernetes.Semver', semver, reading),
    overload('isSemver(string): bool', (text) => typeof parse(text) !== 'string', reading),
    overload('isSemver(string, bool): bool', (text, normalized) => typeof parse(text, normalized) !== 'string', reading),
    overload('kubernetes.Semver.major(): int', (value) => version(value).numbers[0] ?? 0n),
    overload('kubernetes.Semver.minor(): int', (value) => version(value).numbers[1] ?? 0n),
    overload('kubernetes.Semver.patch(): int', (value) => version(value).numbers[2] ?? 0n),
    overload('kubernetes.Semver.compareTo(kubernetes.Semver): int', (left, right) => BigInt(order(left, right))),
    overload('kubernetes.Semver.isLessThan(kubernetes.Semver): bool', (left, right) => order(left, right) < 0),
    overload('kubernetes.Semver.isGreaterThan(kubernetes.Semver): bool', (left, right) => order(left, right) > 0),
  ]);
}
