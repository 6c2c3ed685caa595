import { fail } from '../src/cli/fail.ts';
import { progressPrinter } from '../src/stack/progress.ts';
import { ensureToolchain } from '../src/stack/toolchain/toolchain.ts';

/** Builds what the embedded stack needs and is nowhere yet, before suites with time limits ask for it. */
const progress = progressPrinter(process.stderr);
try {
  await ensureToolchain({ env: process.env, onProgress: progress.onProgress });
} catch (error) {
  fail(error);
} finally {
  progress.close();
}
