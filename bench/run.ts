import { benchDiscovery } from './discovery.ts';
import { benchKubernetes } from './kubernetes.ts';
import { benchMain } from './main.ts';
import { benchProvider } from './provider.ts';
import { benchRecovery } from './recovery.ts';

const suites: Readonly<Record<string, (options: { json: boolean }) => Promise<object>>> = {
  discovery: benchDiscovery,
  kubernetes: benchKubernetes,
  main: benchMain,
  provider: benchProvider,
  recovery: benchRecovery,
};

/** `npm run bench -- <suite> [--json]`: figures beside their floors, in one run; the last line is JSON. */
const [name = 'main'] = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const suite = suites[name];
if (!suite) {
  console.error(`there is no bench ${name}; there are ${Object.keys(suites).join(', ')}`);
  process.exit(2);
}
const result = await suite({ json: process.argv.includes('--json') });
console.log(JSON.stringify(result));
process.exit(0);
