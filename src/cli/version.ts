import { readFileSync } from 'node:fs';

const manifest = new URL('../../package.json', import.meta.url);

/** Version of the package; `package.json` is the one place that says it. */
export const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
