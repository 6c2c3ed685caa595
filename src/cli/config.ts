import type { Command } from 'commander';
import { stringify } from 'yaml';
import { loadConfig } from '../platform/config.ts';

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
  program
    .command('config')
    .description('Print every setting, its value and where it came from')
    .option('-c, --config <file>', 'configuration file (YAML); also REARFLOW_CONFIG')
    .option('-o, --output <format>', 'table, yaml or json', 'table')
    .action((options: { config?: string; output: string }) => {
      const { config, sources } = loadConfig(options.config);
      if (options.output === 'json') console.log(JSON.stringify({ config, sources }, null, 2));
      else if (options.output === 'yaml') console.log(stringify(config));
      else console.log(lines(config, sources).join('\n'));
    });
}
