// Nothing special: Jest's own defaults do.
module.exports = { testEnvironment: 'node' };
