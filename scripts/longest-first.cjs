const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * Runs simulated clusters before everything else. jest goes by the times of former runs, and a fresh
 * clone has none: what takes minutes would come last and leave a core idle.
 */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => (path.includes('/tests/simulation/cluster-') ? 0 : 1);
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
};
