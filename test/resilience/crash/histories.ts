import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

/** How many workflows of a lane are kept, the latest first: those of the run, and of the pairs it used. */
const most = 20;

/**
 * Keeps the histories of a lane's latest workflows, as `temporal workflow show --output json` prints them.
 *
 * @param dir is made if missing
 * @returns what went wrong, if anything did: a run that failed is told of in any case
 */
export async function keepHistories({ workflow }: Client, dir: string): Promise<string | undefined> {
  try {
    await mkdir(dir, { recursive: true });
    let kept = 0;
    for await (const { workflowId, runId } of workflow.list()) {
      if (++kept > most) break;
      const history = await workflow.getHandle(workflowId, runId).fetchHistory();
      await writeFile(join(dir, `${workflowId.replaceAll('/', ' ')} ${runId.slice(-4)}.json`), historyToJSON(history));
    }
    return undefined;
  } catch (error) {
    return String(error);
  }
}
