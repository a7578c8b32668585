// Writes proto/generated/ from proto/mesos/*.proto; does nothing when neither those nor the generator
// have changed since.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const protoFolder = path.join(here, '..');
const generated = path.join(protoFolder, 'generated');
const stampFile = path.join(generated, '.inputs');

/** @param {string} folder  @param {string} extension  @returns {string[]} */
function filesIn(folder, extension) {
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(extension))
    .sort()
    .map((name) => path.join(folder, name));
}

/** @param {string[]} files  @returns {string} */
function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files)
    hash.update(path.relative(protoFolder, file)).update(fs.readFileSync(file));
  return hash.digest('hex');
}

/** @returns {string | undefined} */
function lastStamp() {
  return fs.existsSync(stampFile) ? fs.readFileSync(stampFile, 'utf8') : undefined;
}

const protoFiles = filesIn(path.join(protoFolder, 'mesos'), '.proto');
const stamp = hashOf([...protoFiles, ...filesIn(here, '.js')]);
if (lastStamp() !== stamp) {
  // Loaded only when there is work: parsing takes most of the time of a run.
  const [{ readModel }, { emitAll, emitTypes }, { emitCodecs }] = await Promise.all([
    import('./model.js'),
    import('./types-emitter.js'),
    import('./codec-emitter.js'),
  ]);
  // Written beside and moved into place: whoever reads meanwhile sees the old files or the new ones.
  const draft = `${generated}.${process.pid}`;
  fs.mkdirSync(draft, { recursive: true });
  const packages = readModel(protoFiles);
  for (const pkg of packages) {
    fs.writeFileSync(path.join(draft, `${pkg.file}.ts`), emitTypes(pkg));
    fs.writeFileSync(path.join(draft, `${pkg.file}-codec.ts`), emitCodecs(pkg));
  }
  fs.writeFileSync(path.join(draft, 'all.ts'), emitAll(packages));
  fs.writeFileSync(path.join(draft, path.basename(stampFile)), stamp);
  fs.rmSync(generated, { recursive: true, force: true });
  fs.renameSync(draft, generated);
  const messages = packages.flatMap(({ declarations }) => declarations).length;
  process.stdout.write(`proto/generated: ${messages} types of ${packages.length} packages\n`);
}
