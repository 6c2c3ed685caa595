import { RearflowError } from '../platform/errors.ts';

const hint =
  'Free space there, or set REARFLOW_CACHE (tools, 12 GiB while they are built) or REARFLOW_STATE to a larger disk; what is built already stays.';

/** A disk that is full, in the words of the error table. @param doing what could not be finished */
export function fullDisk(doing: string, cause?: unknown): RearflowError {
  return new RearflowError('MachineTooSmall', `the disk filled up while ${doing}`, { hint, cause });
}

/** Whether a failed write found the disk full, or the user's share of it. */
export function isFullDisk(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException | undefined)?.code ?? '');
}

/** The same, told by a program in its output. */
export function saysFullDisk(output: string): boolean {
  return /no space left on device|disk quota exceeded/i.test(output);
}
