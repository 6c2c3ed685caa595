/**
 * `npm run screenshots`: pictures of Temporal's UI for docs/history.md, taken with an installed browser of the stack that
 * runs: `rearflow stack up`, `rearflow submit examples/intents/web.yaml`, `rearflow submit examples/intents/job.yaml --watch`.
 */
import { Client, Connection } from '@temporalio/client';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fail } from '../src/cli/fail.ts';
import { findStack } from '../src/cli/stack-access.ts';
import { RearflowError } from '../src/platform/errors.ts';
import { openBrowser, type Shot } from './browser.ts';

const images = fileURLToPath(new URL('../docs/images/', import.meta.url));
const buyer = 'turin';

/** Columns of the list: what the UI itself keeps in the browser's storage once somebody has chosen them. */
const columns = ['Status', 'Workflow ID', 'RearflowPhase', 'RearflowProvider', 'RearflowOutcome', 'RearflowContract'];

async function shots(): Promise<readonly Shot[]> {
  const stack = await findStack('default', buyer);
  const ui = stack?.state.temporal.uiAddress;
  if (!stack || ui === undefined) {
    throw new RearflowError('NotReady', 'no stack with a UI runs', { hint: 'Start one: rearflow stack up' });
  }
  const connection = await Connection.connect({ address: stack.state.temporal.address });
  try {
    const client = new Client({ connection, namespace: buyer });
    const base = `${ui}/namespaces/${buyer}/workflows`;
    const run = async (id: string): Promise<string> => {
      const { runId } = await client.workflow.getHandle(id).describe();
      return `${base}/${encodeURIComponent(id)}/${runId}`;
    };
    const [used, ended] = await Promise.all([run('intent/web'), run('intent/render')]);
    const table = { [buyer]: columns.map((label) => ({ label })) };
    const storage = { 'namespace-workflow-table-columns': JSON.stringify(table) };
    const page = { x: 205, width: 1295 };
    return [
      { name: 'list', url: base, clip: { ...page, y: 50, height: 370 }, storage, awaits: 'intent/render' },
      {
        name: 'details',
        url: `${used}/user-metadata`,
        clip: { ...page, y: 50, height: 700 },
        storage,
        awaits: 'for freshness',
      },
      {
        name: 'timeline',
        url: `${ended}/timeline`,
        clip: { ...page, y: 660, height: 960 },
        storage,
        awaits: 'closeRows',
      },
    ];
  } finally {
    await connection.close();
  }
}

async function take(): Promise<void> {
  const wanted = await shots();
  const browser = await openBrowser();
  try {
    await mkdir(images, { recursive: true });
    for (const shot of wanted) {
      await writeFile(join(images, `${shot.name}.png`), await browser.take(shot));
      console.log(`docs/images/${shot.name}.png`);
    }
  } finally {
    await browser.close();
  }
}

await take().catch(fail);
