const escape = String.fromCharCode(27);
/** Cursor up, erase below, any other sequence, line ends, text. */
const tokens = new RegExp(`${escape}\\[\\??[\\d;]*[A-Za-z]|\\r|\\n|[^${escape}\\r\\n]+`, 'g');

/** What a terminal shows after it was sent `output`: knows what the live tree uses, moving up and erasing below. */
export function screenOf(output: string): string[] {
  const lines = [''];
  let row = 0;
  for (const [token] of output.matchAll(tokens)) {
    if (token === '\n') lines[(row += 1)] ??= '';
    else if (token.startsWith(escape) && token.endsWith('A')) row -= Number(token.slice(2, -1) || 1);
    else if (token.startsWith(escape) && token.endsWith('J')) lines.splice(row, Infinity, '');
    else if (!token.startsWith(escape) && token !== '\r') lines[row] = (lines[row] ?? '') + token;
    if (row < 0) throw new RangeError('the cursor left the screen');
  }
  return lines;
}
