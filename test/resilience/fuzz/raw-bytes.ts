import type { Chance } from '../soak/chance.ts';

interface Garbage {
  readonly about: string;
  readonly bytes: Buffer;
}

const end = '\r\n\r\n';
const get = 'GET /api/v2/flavors HTTP/1.1\r\nHost: f';
const post = 'POST /api/v2/reservations HTTP/1.1\r\nHost: f\r\nPrefer: wait=0\r\nContent-Type: application/json';

/** Bytes that are almost HTTP. */
const almost: Readonly<Record<string, string>> = {
  'no request line': end,
  'words only': 'hello there, is this the market?\r\n',
  'TLS hello': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'HTTP/2 preface': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'HTTP/0.9': 'GET /api/v2/flavors\r\n',
  'HTTP/1.0 without host': 'GET /api/v2/flavors HTTP/1.0\r\n\r\n',
  'version 9.9': `GET / HTTP/9.9\r\nHost: f${end}`,
  'no host': `GET /healthz HTTP/1.1${end}`,
  'two hosts': `${get}\r\nHost: g${end}`,
  'absolute form': `GET http://evil.example/api/v2/flavors HTTP/1.1\r\nHost: f${end}`,
  'asterisk form': `OPTIONS * HTTP/1.1\r\nHost: f${end}`,
  connect: `CONNECT 169.254.169.254:80 HTTP/1.1\r\nHost: f${end}`,
  'lower-case method': `get /healthz HTTP/1.1\r\nHost: f${end}`,
  'unknown method': `STEAL /healthz HTTP/1.1\r\nHost: f${end}`,
  'bare line feeds': 'GET /healthz HTTP/1.1\nHost: f\n\n',
  'folded header': `${get}\r\nX-A: b\r\n  c${end}`,
  'header without colon': `${get}\r\nnonsense${end}`,
  'space before colon': `${get}\r\nX-A : b${end}`,
  'NUL in a header': `${get}\r\nX-A: b\0c${end}`,
  'NUL in the path': `GET /api/v2/contracts/\0 HTTP/1.1\r\nHost: f${end}`,
  'bytes in the path': `GET /api/v2/contracts/\xff\xfe HTTP/1.1\r\nHost: f${end}`,
  'negative length': `${post}\r\nContent-Length: -1${end}{}`,
  'two lengths': `${post}\r\nContent-Length: 2\r\nContent-Length: 3${end}{}x`,
  'length in words': `${post}\r\nContent-Length: two${end}{}`,
  'absurd length': `${post}\r\nContent-Length: 99999999999999999999${end}{}`,
  'large length': `${post}\r\nContent-Length: 4294967296${end}{}`,
  'length and chunks': `${post}\r\nContent-Length: 2\r\nTransfer-Encoding: chunked${end}0\r\n\r\n`,
  'chunks, oddly spelled': `${post}\r\nTransfer-Encoding: xchunked${end}0\r\n\r\n`,
  'absurd chunk': `${post}\r\nTransfer-Encoding: chunked${end}ffffffffffffffff\r\n{}`,
  'chunk without size': `${post}\r\nTransfer-Encoding: chunked${end}zz\r\n{}\r\n0\r\n\r\n`,
  'chunk extensions': `${post}\r\nTransfer-Encoding: chunked${end}2;${'e=1;'.repeat(10_000)}\r\n{}\r\n0\r\n\r\n`,
  trailers: `${post}\r\nTransfer-Encoding: chunked\r\nTrailer: x${end}2\r\n{}\r\n0\r\nidempotency-key: late\r\n\r\n`,
  'a request in a body': `${post}\r\nContent-Length: 2${end}{}DELETE /api/v2/contracts/x HTTP/1.1\r\nHost: f${end}`,
  'twenty at once': `${get}${end}`.repeat(20),
  'long path': `GET /${'a'.repeat(60_000)} HTTP/1.1\r\nHost: f${end}`,
  'long header': `${get}\r\nX-A: ${'b'.repeat(60_000)}${end}`,
  'many headers': `${get}\r\n${'X-A: b\r\n'.repeat(4_000)}\r\n`,
  'half a head': 'POST /api/v2/reserv',
  'half a body': `${post}\r\nContent-Length: 500${end}{"flavorID":`,
  'upgrade to nothing': `${get}\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk${end}`,
};
const kinds = Object.keys(almost);

/** Bytes that are no request, or one that only looks like it. */
export function garbage(chance: Chance): Garbage {
  if (chance.happens(0.1)) {
    return {
      about: 'random bytes',
      bytes: Buffer.from(Array.from({ length: 1 + chance.int(3_000) }, () => chance.int(256))),
    };
  }
  const about = chance.among(kinds);
  const bytes = Buffer.from(almost[about] ?? '', 'latin1');
  if (chance.happens(0.7)) return { about, bytes };
  // One byte is another.
  bytes[chance.int(bytes.length)] = chance.int(256);
  return { about: `${about}, one byte changed`, bytes };
}
