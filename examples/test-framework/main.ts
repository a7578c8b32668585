// Five tasks by a custom executor: node dist/examples/test-framework/main.js [HOST:PORT]
import { TestFramework } from './scheduler.ts';

const framework = new TestFramework(process.argv[2] ?? '127.0.0.1:5050');
const status = await framework.run();
console.log(`${framework.finished} tasks finished`);
process.exitCode = status === 'DRIVER_STOPPED' ? 0 : 1;
