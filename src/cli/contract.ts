import type { Command } from 'commander';
import { tableKinds } from '../kubernetes/table-kinds.ts';
import { RearflowError } from '../platform/errors.ts';
import { parseDuration } from '../schemas/duration.ts';
import type { ContractSpec, ContractStatus } from '../schemas/tables/contract.ts';
import { signedContractOf } from '../tables/contract-row.ts';
import type { Row } from '../tables/rows.ts';
import { contractLines, verdictLines } from '../view/contract.ts';
import { addClusterOptions, addTemporalOptions, withCluster, withSeller, type AccessOptions } from './access.ts';
import { outputOption, print, type Format } from './output.ts';
import { defaultNode } from './stack-access.ts';
import { verifyFile } from './verify-contract.ts';

type Options = AccessOptions & { readonly output: Format };

/** `rearflow contract show | end | verify`. */
export function addContractCommands(program: Command): void {
  const contract = program.command('contract').description('Show, end or verify one contract');
  addClusterOptions(contract.command('show <contract>').description('Show a contract; as JSON it is what was signed'))
    .addOption(outputOption())
    .action(show);
  addTemporalOptions(contract.command('end <contract>').description('End a contract that this node sold'))
    .option('--notice <duration>', 'time the buyer gets to leave in order', '30s')
    .option('--reason <text>', 'why; the buyer is told', 'the seller ends it')
    .addOption(outputOption())
    .action(end);
  contract
    .command('verify <file>')
    .description('Check the signatures of a contract (JSON, - for standard input); exit code 1 when they do not hold')
    .option('--jwks <file or address>', "the seller's public keys; else its gateway is asked")
    .addOption(outputOption())
    .action(verify);
}

async function show(contractID: string, options: Options): Promise<void> {
  const row = await withCluster(options, ({ cluster, config }) =>
    cluster.get<Row<ContractSpec, ContractStatus>>(tableKinds.Contract, contractID, config.tables.namespace),
  );
  if (!row) {
    throw new RearflowError('NotFound', `this node has no contract ${contractID}`, {
      hint: '`rearflow contracts` lists them; --node says which node is meant.',
    });
  }
  const { spec, status = {} } = row;
  const result = { contract: signedContractOf(row) ?? spec, expirationTime: spec.expirationTime, status };
  print(options.output, result, (paint) => contractLines(row, paint));
}

async function end(
  contractID: string,
  { notice, reason, ...options }: Options & { readonly notice: string; readonly reason: string },
): Promise<void> {
  const noticeMs = parseDuration(notice);
  if (noticeMs === undefined) {
    throw new RearflowError('InvalidRequest', `--notice: ${notice} is no duration`, { hint: 'For example 30s or 5m.' });
  }
  await withSeller(options, (seller) => seller.endContract(contractID, { reason, noticeMs }));
  print(options.output, { contractID, noticeMs, reason }, () => [
    `Contract ${contractID} ends in ${notice}; its buyer is being told.`,
    `Follow it: rearflow contract show ${contractID} --node ${options.node ?? defaultNode}`,
  ]);
}

async function verify(
  file: string,
  { jwks, output }: { readonly jwks?: string; readonly output: Format },
): Promise<void> {
  const verdict = await verifyFile(file, jwks);
  print(output, verdict, (paint) => verdictLines(verdict, paint));
  if (!verdict.ok) process.exitCode = 1;
}
