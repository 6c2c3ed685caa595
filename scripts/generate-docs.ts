import { writeFile } from 'node:fs/promises';
import { docFiles } from '../src/docs/files.ts';

// Writes the generated pages of docs/; a unit test holds that the committed ones are these.
const root = new URL('../', import.meta.url);
for (const [path, text] of await docFiles()) await writeFile(new URL(path, root), text);
