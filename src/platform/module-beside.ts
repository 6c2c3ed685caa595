import { extname } from 'node:path';

/**
 * Address of a module that is started or loaded by its name: source code in the repository, compiled in a package.
 *
 * @param name relative to `from`, without extension
 * @param from `import.meta.url` of the caller
 */
export const moduleBeside = (name: string, from: string): URL => new URL(`${name}${extname(from)}`, from);
