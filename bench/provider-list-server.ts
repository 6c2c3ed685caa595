import { readFileSync } from 'node:fs';
import { fastify } from 'fastify';

/** The floor for LIST: one fastify route that sends the same bytes. Arguments: file with the bytes, port. */
const [file = '', port = '0'] = process.argv.slice(2);
const bytes = readFileSync(file);
const app = fastify();
app.get('/', (_, reply) => reply.header('content-type', 'application/json').send(bytes));
await app.listen({ host: '127.0.0.1', port: Number(port) });
