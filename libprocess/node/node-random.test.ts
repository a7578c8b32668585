import { describeRandom } from '../../tests/conformance/random.ts';
import { NodeRandom } from './node-random.ts';

describeRandom('NodeRandom', () => new NodeRandom());
