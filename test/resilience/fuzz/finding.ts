/** Something that should not have happened, and how to see it again. */
export interface Finding {
  readonly kind: 'server error' | 'hang' | 'wedged' | 'leak';
  /** Case that did it; none when it was seen at the end. */
  readonly number?: number;
  readonly what: string;
  /** The request or the answer as it went over the line, cut, without secrets. */
  readonly shown?: string;
}

const longest = 1_200;

/** Text for a report: secrets cut out, what cannot be printed escaped, not too long. */
export function shown(text: string): string {
  const safe = text
    .replace(/("?kubeconfig"?\s*:\s*")[^"]*/gi, '$1<cut>')
    .replace(/[^\n\x20-\x7e]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return safe.length <= longest ? safe : `${safe.slice(0, longest)}… (${String(text.length)} characters)`;
}

/** @param again how to run that case alone */
export function told({ kind, number, what, shown: text }: Finding, again: (number: number) => string): string {
  const head =
    number === undefined ? `${kind}: ${what}` : `${kind}: case ${String(number)}: ${what}\n  ${again(number)}`;
  return text === undefined ? head : `${head}\n  ${text.replaceAll('\n', '\n  ')}`;
}
