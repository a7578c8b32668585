import { describeHost } from '../../tests/conformance/host.ts';
import { NodeHost } from './node-host.ts';

describeHost('NodeHost', () => new NodeHost());
