/** Splits a byte stream into its non-empty text lines (the form of a Kubernetes watch). */
export async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest: string[] = [];
  for await (const chunk of chunks) {
    const parts = decoder.decode(chunk, { stream: true }).split('\n');
    const last = parts.pop() ?? '';
    for (const part of parts) {
      const line = rest.length === 0 ? part : rest.join('') + part;
      rest = [];
      if (line !== '') yield line;
    }
    if (last !== '') rest.push(last);
  }
  const line = rest.join('');
  if (line !== '') yield line;
}
