import type { Client } from '@temporalio/client';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster, KubeObject } from '../../../src/kubernetes/cluster.ts';
import { kinds } from '../../../src/kubernetes/kinds.ts';
import { tableKinds } from '../../../src/kubernetes/table-kinds.ts';

/** A text that was found somewhere: where, and what it says. */
export interface Passage {
  readonly where: string;
  readonly text: string;
}

/** What a text looks like inside base64, whatever stands before and after it. */
function insideBase64(text: string): string[] {
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)]).toString('base64');
    // The first and the last characters depend on the neighbors.
    return encoded.slice(shift === 0 ? 0 : shift + 1, -4);
  });
}

/** A secret in clear, in base64, and in base64 of base64, as Secrets hold kubeconfigs. */
export function shapesOf(secret: string): string[] {
  const once = insideBase64(secret);
  const all = [secret, ...once, ...once.flatMap(insideBase64)];
  return [...new Set([...all, ...all.map((shape) => shape.replaceAll('+', '-').replaceAll('/', '_'))])];
}

/** @returns where any shape of any of the secrets stands; the secrets by name, so that a report does not spread them */
export function found(secrets: Readonly<Record<string, string>>, passages: readonly Passage[]): string[] {
  return Object.entries(secrets).flatMap(([name, secret]) => {
    const shapes = shapesOf(secret);
    return passages
      .filter(({ text }) => shapes.some((shape) => text.includes(shape)))
      .map(({ where }) => `${name} in ${where}`);
  });
}

/** Every run's whole history in a Temporal namespace; payloads as the text they hold. */
export async function histories(name: string, client: Client): Promise<Passage[]> {
  const passages: Passage[] = [];
  for await (const { workflowId, runId } of client.workflow.list()) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    passages.push({ where: `${name} history of ${workflowId}`, text: textsIn(history).join('\n') });
  }
  return passages;
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('utf8')];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...textsIn(inner)]);
}

/** All rows of our tables, and all Events of the cluster. */
export async function rowsAndEvents(name: string, cluster: Cluster): Promise<Passage[]> {
  const read = [...Object.values(tableKinds), kinds.Event].map(async (kind) => {
    const { items } = await cluster.list<KubeObject>(kind);
    return items.map((item) => ({
      where: `${name} ${kind.kind} ${item.metadata.name ?? ''}`,
      text: JSON.stringify(item),
    }));
  });
  return (await Promise.all(read)).flat();
}

/** What the rearflow process of a node has logged so far. */
export async function nodeLog(name: string): Promise<Passage> {
  const dir = process.env['REARFLOW_TEST_STACK'] ?? '';
  return { where: `${name} log`, text: await readFile(join(dir, name, 'logs', 'node.log'), 'utf8') };
}
