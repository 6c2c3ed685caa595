import type { FastifyInstance } from 'fastify';
import { RearflowError } from '../platform/errors.ts';

/** Deeper than any message; more would exhaust the stack of whoever walks through it. */
const maxDepth = 64;

/**
 * Bodies are JSON whatever the content type says (Go senders do not always set it); an empty body is no body.
 * Keys that would poison a prototype, and nesting deeper than any message has, are errors.
 */
export function readJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
    const text = String(body);
    if (text.length === 0) done(null, undefined);
    else if (depthOf(text) > maxDepth) {
      done(new RearflowError('InvalidRequest', `body: nested deeper than ${maxDepth} levels`, { field: 'body' }));
    } else void parse(request, text, done);
  });
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (quoted) {
      if (char === '\\') at += 1;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '{' || char === '[') deepest = Math.max(deepest, (depth += 1));
    else if (char === '}' || char === ']') depth -= 1;
  }
  return deepest;
}
