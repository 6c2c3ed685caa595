import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

/*
 * Recorded histories: `histories/<version that recorded them>/<scenario>.json.gz`. Those of a released version stay for as
 * long as a workflow of it may still run.
 *
 * `simulated.hedged.and.approved.again` holds what once did not replay: a hold is answered in a task that leads to no
 * command, and updates are refused after it. Temporal replays these tasks as one, at the time of the last, so that no time
 * may be taken from the clock there.
 */

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const corpus = fileURLToPath(new URL('./histories/', import.meta.url));

export interface Recorded {
  readonly workflowId: string;
  readonly history: { readonly events: { readonly eventType: string }[] };
}

/** Names of all recorded histories, of every version. */
export const recorded = (): string[] =>
  readdirSync(corpus).flatMap((each) => readdirSync(join(corpus, each)).map((file) => `${each}/${file}`));

export const readRecorded = (name: string): Recorded =>
  JSON.parse(gunzipSync(readFileSync(join(corpus, name))).toString()) as Recorded;

/** Forgets what the present version recorded before. */
export const forgetPresent = (): void => {
  rmSync(join(corpus, version), { recursive: true, force: true });
};

/** Adds the history of one run to those of the present version. */
export async function record(client: Client, workflowId: string, runId: string | undefined, as: string): Promise<void> {
  const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  // Paths of this machine and process numbers say nothing about the commands.
  const text = historyToJSON(history).replaceAll(/"(stackTrace|identity)":\s*"(?:[^"\\]|\\.)*"/g, '"$1":""');
  const file = join(corpus, version, `${as.replaceAll(/[^a-z0-9-]+/g, '.')}.json.gz`);
  mkdirSync(dirname(file), { recursive: true });
  const entry: Recorded = { workflowId, history: JSON.parse(text) as Recorded['history'] };
  writeFileSync(file, gzipSync(JSON.stringify(entry), { level: 9 }));
}
