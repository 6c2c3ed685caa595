import { parseDocument } from 'yaml';
import { RearflowError } from '../platform/errors.ts';
import type { IntentInput } from '../schemas/intent.ts';
import { checkIntent } from './check-intent.ts';
import { readText } from './read-text.ts';

/**
 * Reads an intent from a YAML or JSON file (JSON is YAML); `-` reads standard input.
 *
 * @returns the intent with every default filled in
 * @throws RearflowError `InvalidIntent` naming the file and line, or the field and the rule
 */
export async function readIntent(file: string): Promise<IntentInput> {
  const where = file === '-' ? 'standard input' : file;
  const document = parseDocument(await textOf(file, where), { prettyErrors: true });
  const [problem] = document.errors;
  if (problem) {
    const line = problem.message.split('\n')[0]?.replace(/:$/, '') ?? 'cannot be read';
    throw new RearflowError('InvalidIntent', `${where} is no valid YAML or JSON: ${line}`, {
      hint: 'Fix that line; examples/intents/ holds complete intents.',
    });
  }
  return checkIntent(document.toJS() as unknown, where);
}

async function textOf(file: string, where: string): Promise<string> {
  try {
    return await readText(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EISDIR'
          ? 'it is a folder'
          : `cannot be read (${code ?? 'unknown'})`;
    throw new RearflowError('InvalidIntent', `${where}: ${why}`, {
      hint: 'Name a YAML or JSON file; examples/intents/ holds complete intents.',
      cause,
    });
  }
}
