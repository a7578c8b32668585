// Stands in for `fast-check` in all tests: the same cases on every machine, so that a green run means
// the same everywhere. FAST_CHECK_SEED asks for others, to search.
import fc from '../../node_modules/fast-check/lib/fast-check.js';

fc.configureGlobal({ seed: Number(process.env.FAST_CHECK_SEED ?? 1) });

export * from '../../node_modules/fast-check/lib/fast-check.js';
export default fc;
