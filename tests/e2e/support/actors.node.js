import { test } from 'node:test';
import { actorSuite } from './actor-suite.js';

actorSuite(test);
