// Validation rules in CEL of the greatest cost that is allowed, over objects as large as are allowed.
import { collection, definition, definitionsPath, instance, object, served, type Schema } from '../definitions.js';
import { creation, list, type Attack, type Group } from '../world.js';

const array = (maxItems: number, items: Schema = { type: 'integer' }): Schema => ({ type: 'array', maxItems, items });
const text = (maxLength: number): Schema => ({ type: 'string', maxLength });
const texts = (maxItems: number, maxLength: number): Schema => array(maxItems, text(maxLength));
const numbers = { l: array(1000), m: array(1000) };
const both = { l: list(1000), m: list(1000) };

interface Rule {
  readonly fields: Schema;
  readonly rule: string;
  readonly value: unknown;
}

const over20000 = (maxLength: number, one: string): { fields: Schema; value: unknown } => ({
  fields: { l: texts(20_000, maxLength) },
  value: { l: list(20_000, () => one) },
});

const rulesByTitle: Readonly<Record<string, Rule>> = {
  'all in all, 1,000,000 steps': { fields: numbers, rule: 'self.l.all(x, self.m.all(y, x != y || x == y))', value: both },
  'map in map, 1,000,000 steps': { fields: numbers, rule: 'self.l.map(x, self.m.map(y, x + y)).size() > 0', value: both },
  'four comprehensions in each other': { fields: { l: array(30) }, rule: 'self.l.all(a, self.l.all(b, self.l.all(c, self.l.all(d, a+b+c+d > -1))))', value: { l: list(30) } }, // prettier-ignore
  'a filter and an exists, twice': { fields: { l: array(300), m: array(1000) }, rule: 'self.l.filter(x, self.m.exists(y, y == -1)).size() == 0 && self.l.filter(x, self.m.exists(y, y == -2)).size() == 0', value: { l: list(150), m: list(1000) } }, // prettier-ignore
  '1,000 in 1,000': { fields: numbers, rule: 'self.l.all(x, x in self.m)', value: both },
  'sets of 1,000': { fields: numbers, rule: 'sets.contains(self.l, self.m) && sets.intersects(self.m, [5000])', value: both },
  'two lists of 100,000 compared': { fields: { l: array(100_000), m: array(100_000) }, rule: 'self.l == self.m', value: { l: list(100_000), m: list(100_000) } }, // prettier-ignore
  'a list of 60,000 mapped and compared': { fields: { l: array(100_000) }, rule: 'self.l == self.l.map(x, x)', value: { l: list(60_000) } },
  'isSorted of 100,000': { fields: { l: texts(100_000, 10) }, rule: 'self.l.isSorted()', value: { l: list(100_000, (at) => `s${String(at).padStart(6, '0')}`) } }, // prettier-ignore
  'sum, min and max of 100,000': { fields: { l: array(100_000) }, rule: 'self.l.sum() > 0 && self.l.min() == 0 && self.l.max() > 1', value: { l: list(100_000) } }, // prettier-ignore
  'indexOf in a list of 100,000, from both ends': { fields: { l: array(100_000) }, rule: 'self.l.indexOf(99999) > 0 && self.l.lastIndexOf(0) == 0', value: { l: list(100_000) } }, // prettier-ignore
  'matches of 900 KB': { fields: { s: text(900_000) }, rule: "!self.s.matches('(a+)+$b')", value: { s: 'a'.repeat(900_000) } },
  'matches of 20,000': { ...over20000(40, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'), rule: "self.l.all(x, x.matches('^(a+)+b?$'))" },
  'find and findAll of 900 KB': { fields: { s: text(900_000) }, rule: "self.s.findAll('[a-z]').size() > 3 && self.s.find('z') == ''", value: { s: 'ab'.repeat(450_000) } }, // prettier-ignore
  'split of 900 KB': { fields: { s: text(900_000) }, rule: "self.s.split('').size() > 3", value: { s: 'ab'.repeat(450_000) } },
  'replace of 200 KB, twice': { fields: { s: text(900_000) }, rule: "self.s.replace('a', 'bbbbbbbbbb').replace('b', 'cccccccccc').size() > 3", value: { s: 'ab'.repeat(100_000) } }, // prettier-ignore
  'lowerAscii, upperAscii and trim of 900 KB': { fields: { s: text(900_000) }, rule: 'self.s.lowerAscii().upperAscii().trim().size() > 3', value: { s: 'ab'.repeat(450_000) } }, // prettier-ignore
  'indexOf in 800 characters, 800 times': { fields: { s: text(20_000) }, rule: "self.s.split('').map(x, self.s.indexOf('zz')).size() > 3", value: { s: 'ab'.repeat(400) } }, // prettier-ignore
  'texts put together 20,000 times': { ...over20000(20, 'abcdefgh'), rule: "self.l.all(x, (x + x + x + x).size() > 0 && (x + 'a').startsWith(x))" }, // prettier-ignore
  'quantity of 20,000': { ...over20000(20, '123456Mi'), rule: 'self.l.all(x, quantity(x).isGreaterThan(quantity("1m")))' },
  'ip of 20,000': { ...over20000(45, '10.1.2.3'), rule: 'self.l.all(x, ip(x).family() == 4 && cidr("10.0.0.0/8").containsIP(ip(x)))' },
  'ip of 20,000, version 6': { ...over20000(45, '2001:db8:1:2:3:4:5:6'), rule: 'self.l.all(x, isIP(x) && ip(x).family() == 6)' },
  'cidr of 20,000': { ...over20000(45, '10.1.0.0/16'), rule: 'self.l.all(x, cidr("10.0.0.0/8").containsCIDR(cidr(x)) && cidr(x).masked() == cidr(x))' }, // prettier-ignore
  'url of 20,000': { ...over20000(60, 'abc'), rule: "self.l.all(x, url('https://a.b/' + x).getHost() == 'a.b')" },
  'isURL of one of 900 KB': {
    fields: { s: text(900_000) },
    rule: "isURL(self.s) || self.s != ''",
    value: { s: `https://a.b/${'?a=b&'.repeat(170_000)}` },
  },
  'format of 20,000': { ...over20000(60, 'abc'), rule: "self.l.all(x, '%s and %d'.format([x, 5]).size() > 5)" },
  'named formats of 20,000': { ...over20000(60, 'abc-def'), rule: "self.l.all(x, !format.dns1123Label().validate(x).hasValue() && !format.named('qualifiedName').value().validate(x).hasValue())" }, // prettier-ignore
  'semver of 20,000': { ...over20000(30, '1.20.3-rc.1'), rule: "self.l.all(x, semver(x).isGreaterThan(semver('0.1.0')))" },
  'timestamp and duration of 20,000': { ...over20000(30, '2026-01-02T03:04:05Z'), rule: "self.l.all(x, timestamp(x).getFullYear('Europe/Berlin') == 2026)" }, // prettier-ignore
  'base64 of 600 KB': {
    fields: { s: text(900_000) },
    rule: 'base64.encode(base64.decode(self.s)).size() > 3',
    value: { s: 'YWJj'.repeat(150_000) },
  },
  'a rule with a literal of 20,000 numbers': { fields: { l: array(100) }, rule: `self.l.all(x, x in [${list(20_000).join(',')}])`, value: { l: list(100) } }, // prettier-ignore
  'a message of 5 KB for each of 1,000 elements': { fields: { l: { ...array(1000), items: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self < 0', messageExpression: `'${'m'.repeat(4000)}' + string(self)` }] } } }, rule: 'true', value: { l: list(1000) } }, // prettier-ignore
  'a rule in each of 20,000 elements': { fields: { l: { ...array(20_000), items: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self >= 0 && self < 100000' }] } } }, rule: 'true', value: { l: list(20_000) } }, // prettier-ignore
};

export const rules: Group = {
  name: 'CEL rules',
  attacks: async (world) => {
    const attacks: Attack[] = [];
    for (const [index, [title, { fields: properties, rule, value }]] of Object.entries(rulesByTitle).entries()) {
      const plural = `rules${index}`;
      const body = definition(plural, object({ spec: object(properties, { 'x-kubernetes-validations': [{ rule }] }) }));
      const { status, text } = await world.ask('POST', definitionsPath, { body });
      if (status === 201) {
        await served(world, plural);
        attacks.push(creation(world, title, collection(plural), instance(plural, value)));
      } else {
        if (status !== 422) throw new Error(`${title}: ${status} ${text.slice(0, 300)}`);
        const bytes = Buffer.from(JSON.stringify(body));
        attacks.push({ title: `${title}: the definition`, run: () => world.ask('POST', definitionsPath, { body: bytes }) });
      }
    }
    return attacks;
  },
};
