import { createHash } from 'node:crypto';
import { existsSync, globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundle } from '@temporalio/worker';
import { cacheFolder } from '../platform/cache-folder.ts';
import type { Logger } from '../platform/log.ts';
import { cachedFile } from './file-cache.ts';

const sources = fileURLToPath(new URL('../', import.meta.url));

/** In a package that was installed the bundle was made beforehand. */
const built = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));

/**
 * All workflows as one bundle. In the repository making it takes seconds, so it is kept in the cache folder under a name that changes with
 * every source and every installed package.
 */
export async function workflowBundle(log: Logger): Promise<WorkflowBundle> {
  if (existsSync(built)) return { code: await readFile(built, 'utf8') };
  const make = async (): Promise<string> => {
    const { code } = await bundleWorkflowCode({
      workflowsPath: join(sources, 'workflows', 'index.ts'),
      workflowInterceptorModules: [join(sources, 'workflows', 'budgets.ts')],
      logger: new DefaultLogger('WARN', ({ message }) => log.warn(message)),
    });
    return code;
  };
  const name = await fingerprint();
  if (name === undefined) return { code: await make() };
  const file = join(cacheFolder(process.env), 'workflows', `${name}.js`);
  return { code: await cachedFile(file, make, (trouble) => log.warn(trouble)) };
}

/**
 * Changes with everything a bundle is made from; where it stands counts, because its stack traces name the files.
 *
 * @returns undefined when npm did not install the packages: then nothing tells which they are
 */
async function fingerprint(): Promise<string | undefined> {
  const files = globSync('**/*.ts', { cwd: sources, exclude: ['**/*.test.ts'] }).sort();
  const packages = dirname(createRequire(import.meta.url).resolve('@temporalio/worker/package.json'));
  const installed = join(packages, '..', '..', '.package-lock.json');
  if (!existsSync(installed)) return undefined;
  const hash = createHash('sha256').update(`${sources}\n${process.version}\n`);
  const texts = await Promise.all(
    [...files.map((file) => join(sources, file)), installed].map((file) => readFile(file)),
  );
  for (const [index, text] of texts.entries()) hash.update(`${files[index] ?? ''}\n`).update(text);
  return hash.digest('hex').slice(0, 20);
}
