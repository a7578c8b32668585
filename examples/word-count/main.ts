// Counts the words of text files: node dist/examples/word-count/main.js [HOST:PORT] [FILE ...]
import { resolve } from 'node:path';
import { documentation, printResult, singleProcessCount } from './report.ts';
import { WordCount } from './scheduler.ts';

const [, , master = '127.0.0.1:5050', ...given] = process.argv;
const files = given.length > 0 ? given.map((file) => resolve(file)) : documentation();
const job = new WordCount(master, files);
await job.run();
const { finished, total } = job.progress;
const right = job.result !== undefined && printResult(job.result, singleProcessCount(files));
console.log(`${finished} of ${total} tasks finished`);
process.exitCode = right ? 0 : 1;
