import './node-version.js';
import { bootstrap } from './bootstrap.js';
import { StepError, runMain } from './errors.js';
import { TOOLS, runTool } from './tools.js';

// `node scripts/run.js <tool> [arguments]`: the npm scripts of package.json.
const [name = '', ...args] = process.argv.slice(2);

await runMain(async () => {
  const tool = TOOLS[name];
  if (!tool) throw new StepError(`No tool '${name}': one of ${Object.keys(TOOLS).join(', ')}`);
  await bootstrap(tool.needs);
  process.exitCode = runTool(name, args);
});
