import type { Command } from 'commander';
import { loadConfig } from '../platform/config.ts';
import { addNodeOptions, configFileOf, type AccessOptions } from './access.ts';
import { named } from './named-config.ts';
import { outputOption, print, type Format } from './output.ts';
import { findStack } from './stack-access.ts';

type Tree = { readonly [key: string]: unknown };

function lines(tree: Tree, sources: Readonly<Record<string, string>>, prefix = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const setting = prefix === '' ? key : `${prefix}.${key}`;
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return lines(value as Tree, sources, setting);
    return [`${setting} = ${JSON.stringify(value)}  (${sources[setting] ?? 'default'})`];
  });
}

/** `rearflow config`: every setting, its value and where it came from. */
export function addConfigCommand(program: Command): void {
  const command = program.command('config').description('Print every setting, its value and where it came from');
  addNodeOptions(command)
    .addOption(outputOption())
    .action(async (options: AccessOptions & { readonly output: Format }) => {
      const { config, sources } = loadConfig(await configFile(options));
      print(options.output, { config, sources }, () => lines(config, sources));
    });
}

/** The embedded stack's when no other is named. @returns undefined when the environment alone has to do */
async function configFile(options: AccessOptions): Promise<string | undefined> {
  const file = configFileOf(options);
  if (file !== undefined) return named(file);
  return (await findStack(options.stack, options.node))?.configFile ?? named(undefined);
}
