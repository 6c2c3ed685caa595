import 'reflect-metadata';
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { webcrypto } from 'node:crypto';
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';
import { KubeError } from './cluster.ts';
import type { Cluster, KubeObject, WatchEvent } from './cluster.ts';
import { connectCluster } from './connect.ts';
import type { ConnectOptions } from './connect.ts';
import { kinds } from './kinds.ts';

type Handler = (req: IncomingMessage, res: ServerResponse, body: string) => void;

let key = '';
let cert = '';
const open: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=localhost',
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 3_600_000),
    signingAlgorithm: algorithm,
    keys,
    extensions: [new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  });
  cert = made.toString('pem');
  key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
});

afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function serve(
  handler: Handler,
  options: ConnectOptions = {},
): Promise<{ cluster: Cluster; connections: () => number }> {
  let connections = 0;
  const server = createServer({ key, cert }, (req, res) => {
    let body = '';
    req.on('data', (part: Buffer) => (body += part.toString()));
    req.on('end', () => handler(req, res, body));
  });
  server.on('secureConnection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const kubeconfig = JSON.stringify({
    clusters: [
      {
        name: 'c',
        cluster: {
          server: `https://127.0.0.1:${port}`,
          'certificate-authority-data': Buffer.from(cert).toString('base64'),
        },
      },
    ],
    users: [{ name: 'u', user: { token: 'planted' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });
  const cluster = connectCluster(kubeconfig, options);
  open.push(async () => {
    await cluster.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { cluster, connections: () => connections };
}

function json(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function pod(name: string, resourceVersion: string): KubeObject {
  return { metadata: { name, namespace: 'n', resourceVersion } };
}

test('twenty calls one after the other make no new TLS connection for each, and carry the token', async () => {
  const tokens = new Set<string | undefined>();
  const { cluster, connections } = await serve((req, res) => {
    tokens.add(req.headers.authorization);
    json(res, 200, pod('p', '1'));
  });
  for (let i = 0; i < 20; i += 1) await cluster.get(kinds.Pod, 'p', 'n');
  // The pool may open a second one while the first is still finishing its answer.
  expect(connections()).toBeLessThanOrEqual(2);
  expect([...tokens]).toEqual(['Bearer planted']);
});

test('many calls at once use a bounded number of connections', async () => {
  const { cluster, connections } = await serve((_req, res) => json(res, 200, pod('p', '1')));
  await Promise.all(Array.from({ length: 200 }, () => cluster.get(kinds.Pod, 'p', 'n')));
  expect(connections()).toBeLessThanOrEqual(16);
});

test('404 is undefined or false; any other refusal is a KubeError with the reason of Kubernetes', async () => {
  const { cluster } = await serve((req, res) => {
    const status = req.method === 'POST' ? 409 : 404;
    json(res, status, { reason: status === 409 ? 'AlreadyExists' : 'NotFound', message: 'as it is' });
  });
  expect(await cluster.get(kinds.Pod, 'p', 'n')).toBeUndefined();
  expect(await cluster.merge(kinds.Pod, 'p', 'n', {})).toBeUndefined();
  expect(await cluster.delete(kinds.Pod, 'p', 'n')).toBe(false);
  const refused = cluster.create(kinds.Pod, pod('p', ''));
  await expect(refused).rejects.toBeInstanceOf(KubeError);
  await expect(refused).rejects.toMatchObject({ status: 409, reason: 'AlreadyExists' });
});

test('apply sends kind, field manager and force; a delete sends its uid precondition', async () => {
  const seen: string[] = [];
  const { cluster } = await serve((req, res, body) => {
    seen.push(`${req.method} ${req.url} ${req.headers['content-type']} ${body}`);
    json(res, 200, {});
  });
  await cluster.apply(kinds.ConfigMap, { metadata: { name: 'c', namespace: 'n', uid: 'u1' } }, 'rearflow/test');
  await cluster.delete(kinds.ConfigMap, 'c', 'n', { uid: 'u1' });
  expect(seen[0]).toBe(
    'PATCH /api/v1/namespaces/n/configmaps/c?fieldManager=rearflow%2Ftest&force=true application/apply-patch+yaml ' +
      '{"metadata":{"name":"c","namespace":"n","uid":"u1"},"apiVersion":"v1","kind":"ConfigMap"}',
  );
  expect(seen[1]).toContain('"preconditions":{"uid":"u1"}');
});

test('a list is read page by page and its items know their kind', async () => {
  const { cluster } = await serve((req, res) => {
    const second = req.url?.includes('continue=more');
    json(res, 200, {
      metadata: { resourceVersion: '7', ...(second ? {} : { continue: 'more' }) },
      items: [pod(second ? 'b' : 'a', '1')],
    });
  });
  const { items, resourceVersion } = await cluster.list(kinds.Pod);
  expect(items.map((item) => `${item.kind} ${item.metadata.name}`)).toEqual(['Pod a', 'Pod b']);
  expect(resourceVersion).toBe('7');
});

test('a call ends with the reason of its signal, and with ClusterUnreachable at its deadline', async () => {
  const arrived: (() => void)[] = [];
  const { cluster } = await serve(() => arrived.shift()?.(), { deadlineMs: 300 });
  const stop = new AbortController();
  const gone = new Promise<void>((resolve) => arrived.push(resolve));
  const call = cluster.bound(stop.signal).get(kinds.Pod, 'p', 'n');
  await gone;
  stop.abort(new Error('cancelled by the activity'));
  await expect(call).rejects.toThrow('cancelled by the activity');
  await expect(cluster.get(kinds.Pod, 'p', 'n')).rejects.toMatchObject({ code: 'ClusterUnreachable' });
});

test('a busy server is asked again after as long as it says', async () => {
  let calls = 0;
  const { cluster } = await serve((_req, res) => {
    calls += 1;
    if (calls > 1) return json(res, 200, pod('p', '1'));
    res.setHeader('retry-after', '0.05');
    json(res, 429, { reason: 'TooManyRequests', message: 'storage is (re)initializing' });
  });
  expect(await cluster.get(kinds.Pod, 'p', 'n')).toBeDefined();
  expect(calls).toBe(2);
});

test('a watch resumes from the last bookmark, lists again on 410, and survives a dropped connection', async () => {
  const asked: string[] = [];
  let lists = 0;
  const { cluster } = await serve((req, res) => {
    const url = new URL(req.url ?? '', 'https://localhost');
    if (!url.searchParams.has('watch')) {
      lists += 1;
      json(res, 200, { metadata: { resourceVersion: `${lists}00` }, items: [pod(`listed-${lists}`, '1')] });
      return;
    }
    const from = url.searchParams.get('resourceVersion') ?? '';
    asked.push(from);
    const line = (type: string, object: object): boolean => res.write(`${JSON.stringify({ type, object })}\n`);
    res.writeHead(200, { 'content-type': 'application/json' });
    if (from === '100') {
      line('ADDED', pod('added', '101'));
      line('BOOKMARK', { metadata: { resourceVersion: '150' } });
      res.end();
    } else if (from === '150') {
      line('ERROR', { code: 410, reason: 'Expired', message: 'too old' });
      res.end();
    } else if (from === '200') {
      line('DELETED', pod('listed-2', '201'));
      setImmediate(() => res.destroy());
    } else line('MODIFIED', pod('after-drop', '202'));
  });
  const events: string[] = [];
  await new Promise<void>((resolve) => {
    cluster.watch(kinds.Pod, { namespace: 'n' }, (event: WatchEvent<KubeObject>) => {
      events.push(
        event.type === 'synced' ? `synced ${[...event.keys].join()}` : `${event.type} ${event.object.metadata.name}`,
      );
      if (events.at(-1) === 'set after-drop') resolve();
    });
  });
  expect(asked).toEqual(['100', '150', '200', '201']);
  expect(events).toEqual([
    'set listed-1',
    'synced n/listed-1',
    'set added',
    'set listed-2',
    'synced n/listed-2',
    'gone listed-2',
    'set after-drop',
  ]);
});

test('a watch is live only while changes can be told', async () => {
  let streams: ServerResponse[] = [];
  let broken = false;
  const { cluster } = await serve((req, res) => {
    if (broken) return void res.destroy();
    if (!req.url?.includes('watch=true')) return json(res, 200, { metadata: { resourceVersion: '1' }, items: [] });
    res.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    streams.push(res);
  });
  const watch = cluster.watch(kinds.Pod, {}, () => undefined);
  const until = async (live: boolean): Promise<void> => {
    while (watch.live !== live) await new Promise((resolve) => setImmediate(resolve));
  };
  expect(watch.live).toBe(false);
  await until(true);
  broken = true;
  for (const stream of streams) stream.destroy();
  await until(false);
  broken = false;
  streams = [];
  await until(true);
  watch.close();
});

test('a watch whose receiver throws gets the whole state again', async () => {
  const { cluster } = await serve((req, res) => {
    if (!req.url?.includes('watch=true')) {
      json(res, 200, { metadata: { resourceVersion: '1' }, items: [] });
      return;
    }
    res.writeHead(200).write(`${JSON.stringify({ type: 'ADDED', object: pod('p', '2') })}\n`);
  });
  let synced = 0;
  await new Promise<void>((resolve) => {
    cluster.watch(kinds.Pod, {}, (event) => {
      if (event.type === 'set') throw new Error('choked');
      if (event.type === 'synced' && (synced += 1) === 2) resolve();
    });
  });
  expect(synced).toBe(2);
});
