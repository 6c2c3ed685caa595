// Installs the npm packages when they are missing or older than the lock file, so that a newcomer types one command.
// Plain JavaScript without dependencies: it runs before anything is installed, with any Node from 20 on.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const lock = new URL('package-lock.json', root);
const installed = new URL('node_modules/.package-lock.json', root);

// npm writes both files in one go, in either order.
const oneGoMs = 10_000;
const fresh = existsSync(installed) && statSync(installed).mtimeMs + oneGoMs >= statSync(lock).mtimeMs;
if (!fresh) {
  const since = Date.now();
  process.stderr.write('installing npm packages (once, about a minute) ...\n');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  // Only what the lock file pins: a package that does not match its recorded hash is refused.
  const result = spawnSync(npm, ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: fileURLToPath(root),
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (result.status !== 0) {
    process.stderr.write(`${result.stderr ?? result.error?.message ?? ''}\n`);
    process.stderr.write('npm packages could not be installed. Fix what npm says, then try again.\n');
    process.exit(2);
  }
  process.stderr.write(`installed in ${Math.round((Date.now() - since) / 1000)} s\n`);
}
