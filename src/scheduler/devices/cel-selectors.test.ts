// Expressions of DeviceClasses and ResourceClaims.
import { createDeviceSelectors } from './cel-selectors.js';

const device = {
  driver: 'gpu.example.com',
  allowMultipleAllocations: false,
  attributes: {
    model: { string: 'b' },
    'other.example.com/slot': { int: 3 },
    driverVersion: { version: '1.2.3' },
    healthy: { bool: true },
  },
  capacity: { memory: { value: '16Gi' } },
};

test.each([
  ['device.driver == "gpu.example.com"', true],
  ['device.attributes["gpu.example.com"].model == "b"', true],
  ['device.attributes["gpu.example.com"].model == "a"', false],
  ['device.attributes["other.example.com"].slot > 2 && device.attributes["gpu.example.com"].healthy', true],
  ['device.attributes["gpu.example.com"].driverVersion.isGreaterThan(semver("1.2.2"))', true],
  ['device.capacity["gpu.example.com"].memory.compareTo(quantity("10Gi")) >= 0', true],
  ['device.capacity["gpu.example.com"].memory.isLessThan(quantity("10Gi"))', false],
  ['"absent.example.com" in device.attributes', false],
  ['has(device.attributes["gpu.example.com"].nope)', false],
  ['!device.allowMultipleAllocations', true],
])('%s: %s', (expression, expected) => {
  const evaluate = createDeviceSelectors();
  expect([evaluate(expression, device), evaluate(expression, device)]).toEqual([expected, expected]);
});

test.each([
  ['device.attributes["gpu.example.com"].nope == "b"', 'CEL runtime error: no such key: nope'],
  ['device.attributes["absent.example.com"].model == "b"', 'CEL runtime error: no such key: model'],
  ['device.nothing', /^CEL compilation error: ERROR: <input>:1:7: undefined field 'nothing'/],
])('%s fails', (expression, message) => {
  expect(() => createDeviceSelectors()(expression, device)).toThrow(message);
});
