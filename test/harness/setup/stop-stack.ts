import { rm } from 'node:fs/promises';

/** Stops the stack that this run started; one that was given is left alone. */
export default async function stopSharedStack(): Promise<void> {
  const { sharedStack } = globalThis as { sharedStack?: { stop(): Promise<void>; parent: string } };
  if (!sharedStack) return;
  await sharedStack.stop();
  await rm(sharedStack.parent, { recursive: true, force: true });
}
