import type { Command } from 'commander';
import { addTemporalOptions, withSeller, type AccessOptions } from './access.ts';
import { defaultNode } from './stack-access.ts';
import { outputOption, print, type Format } from './output.ts';

type Options = AccessOptions & { readonly output: Format; readonly undo?: boolean };

/** `rearflow withdraw`: what a seller does with its offers. */
export function addOfferCommands(program: Command): void {
  addTemporalOptions(
    program
      .command('withdraw <flavor>')
      .description('Take what is free of its Kubernetes node off the market; reservations and contracts stay'),
  )
    .option('--undo', 'offer it again')
    .addOption(outputOption())
    .action(withdraw);
}

async function withdraw(flavorID: string, { undo = false, ...options }: Options): Promise<void> {
  const { node, flavor } = await withSeller(options, (seller) => seller.setOffered(flavorID, undo));
  print(options.output, { node, offered: undo, ...(flavor === undefined ? {} : { flavor }) }, () =>
    undo
      ? [
          flavor === undefined
            ? `Node ${node} may be sold again; nothing of it is free now.`
            : `Node ${node} is offered as ${flavor}.`,
        ]
      : [
          `Node ${node} is off the market. Undo it: rearflow withdraw ${flavorID} --undo --node ${options.node ?? defaultNode}`,
        ],
  );
}
