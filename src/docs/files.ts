import { format, type Options } from 'prettier';
import { intentJsonSchema } from '../client/known-fields.ts';
import { errorsPage } from './errors-page.ts';
import { intentPage } from './intent-page.ts';

const style: Options = { printWidth: 120, singleQuote: true, semi: true, trailingComma: 'all' };

/** Generated documentation: path below the repository → text, exactly as committed. */
export async function docFiles(): Promise<ReadonlyMap<string, string>> {
  const schema = { title: 'rearflow intent', ...intentJsonSchema() };
  return new Map([
    ['docs/intent.md', await format(intentPage(), { ...style, parser: 'markdown' })],
    ['docs/errors.md', await format(errorsPage(), { ...style, parser: 'markdown' })],
    ['docs/intent.schema.json', await format(JSON.stringify(schema, null, 2), { ...style, parser: 'json' })],
  ]);
}
