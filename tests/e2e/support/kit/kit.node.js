import { test } from 'node:test';
import { actorSuite } from './actor-suite.js';
import { clusterSuite } from './cluster-suite.js';

actorSuite(test);
clusterSuite(test);
