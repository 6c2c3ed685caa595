import { existsSync } from 'node:fs';
import { RearflowError } from '../platform/errors.ts';

/**
 * The file that an option or REARFLOW_CONFIG names.
 *
 * @returns undefined when the environment alone has to do: it names the node
 * @throws RearflowError `InvalidConfig` when nothing is named, or no such file exists
 */
export function named(option: string | undefined): string | undefined {
  const file = option ?? process.env['REARFLOW_CONFIG'];
  if (file === undefined && process.env['REARFLOW_NODE_NAME']) return undefined;
  if (file === undefined) {
    throw new RearflowError('InvalidConfig', 'no configuration is named, and no embedded stack is used', {
      hint: 'Name a file with --config or REARFLOW_CONFIG, or start a stack with `rearflow stack up`.',
    });
  }
  if (existsSync(file)) return file;
  throw new RearflowError('InvalidConfig', `${file}: there is no such file`, {
    hint: 'Name the right one with --config or REARFLOW_CONFIG; the README shows what it holds.',
  });
}
