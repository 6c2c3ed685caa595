import type { Command } from 'commander';
import type { Restored } from '../messages/upkeep/messages.ts';
import { tableLines } from '../view/table.ts';
import { addTemporalOptions, withClient, type AccessOptions } from './access.ts';
import { outputOption, print, type Format } from './output.ts';

const columns = [
  { title: 'workflow', cell: ({ workflowId }: Restored) => workflowId },
  { title: 'how', cell: ({ how }: Restored) => how },
];

/** `rearflow repair`: rebuilds the workflows of a node from its tables after the loss of Temporal's data. */
export function addRepairCommand(program: Command): void {
  const command = program
    .command('repair')
    .description('Rebuild the workflows of a node from its tables, after Temporal lost its data');
  addTemporalOptions(command)
    .addOption(outputOption())
    .action(async (options: AccessOptions & { readonly output: Format }) => {
      const restored = await withClient(options, (client) => client.repair());
      print(options.output, restored, (paint) => [
        ...(restored.length === 0
          ? ['Nothing was bought or sold that could be lost.']
          : tableLines(columns, restored, paint)),
        'Cluster and Temporal belong together.',
      ]);
    });
}
