import { test } from '@jest/globals';
import { actorSuite } from './actor-suite.js';

actorSuite(test);
