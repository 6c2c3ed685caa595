import { styleText } from 'node:util';

/** What a piece of text means; how that looks is decided here alone. */
export type Tone = 'good' | 'bad' | 'busy' | 'quiet' | 'strong' | 'name';
export type Paint = (tone: Tone, text: string) => string;

const formats = { good: 'green', bad: 'red', busy: 'yellow', quiet: 'dim', strong: 'bold', name: 'cyan' } as const;

/** Paints nothing. */
export const plain: Paint = (_tone, text) => text;

/** Colours only where a terminal shows them; `NO_COLOR` is respected. */
export function painterFor(out: NodeJS.WriteStream): Paint {
  if (!out.isTTY || !out.hasColors()) return plain;
  return (tone, text) => styleText(formats[tone], text, { validateStream: false });
}
