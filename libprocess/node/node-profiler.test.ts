import { describeProfiler } from '../../tests/conformance/profiler.ts';
import { NodeProfiler } from './node-profiler.ts';

describeProfiler('NodeProfiler', () => new NodeProfiler());
