import type { FastifyReply } from 'fastify';
import type { FlavorSource, ServedFlavor } from '../backend.ts';
import { sendProblem } from '../reply.ts';
import type { GatewayApp } from './app.ts';
import { selects } from '../select.ts';
import { parseSelector, type Selector } from '../selector.ts';

type ListRoute = Selector['type'] | 'vm' | 'sensor';

/** `vm` and `sensors` have their own paths only: one such item elsewhere breaks a Go consumer's whole discovery. */
const paths: Readonly<Record<string, ListRoute>> = {
  '/flavors': 'any',
  '/flavors/k8slice': 'k8slice',
  '/flavors/k8slices': 'k8slice',
  '/flavors/service': 'service',
  '/flavors/vm': 'vm',
  '/flavors/sensors': 'sensor',
};

const [open, comma, close] = [Buffer.from('['), Buffer.from(','), Buffer.from(']')];

/** LIST_FLAVORS. Unfiltered lists are joined once per version of the catalog and then sent as they are. */
export function flavorRoutes(app: GatewayApp, catalog: FlavorSource): void {
  for (const [path, route] of Object.entries(paths)) {
    let cached: { readonly version: number; readonly body: Buffer } | undefined;
    const whole = (): Buffer => {
      if (cached?.version !== catalog.version) {
        cached = {
          version: catalog.version,
          body: join(catalog.list().filter(({ flavor }) => belongs(route, flavor))),
        };
      }
      return cached.body;
    };
    const schema = { summary: 'Flavors that may be reserved (LIST_FLAVORS); a selector in the query filters them' };
    app.get(path, { schema }, (request, reply) => {
      const at = request.url.indexOf('?');
      const query = at === -1 ? '' : request.url.slice(at + 1);
      return query === '' ? send(reply, whole()) : sendSelected(reply, route, query);
    });
  }

  function sendSelected(reply: FastifyReply, route: ListRoute, query: string): FastifyReply {
    if (route === 'vm' || route === 'sensor') {
      return sendProblem(reply, 'InvalidRequest', `${route} flavors cannot be filtered`, {
        field: query.slice(0, 256),
      });
    }
    const parsed = parseSelector(route, query);
    if (!parsed.ok) {
      const field = parsed.field.slice(0, 256);
      return sendProblem(reply, 'InvalidRequest', `${field}: ${parsed.rule}`, { field });
    }
    return send(reply, join(catalog.list().filter(({ flavor }) => selects(parsed.selector, flavor))));
  }
}

function belongs(route: ListRoute, flavor: ServedFlavor['flavor']): boolean {
  const { name } = flavor.type;
  return route === 'any' ? name === 'k8slice' || name === 'service' : name === route;
}

function join(items: readonly ServedFlavor[]): Buffer {
  return Buffer.concat([open, ...items.flatMap(({ bytes }, index) => (index === 0 ? [bytes] : [comma, bytes])), close]);
}

function send(reply: FastifyReply, body: Buffer): FastifyReply {
  return reply.header('content-type', 'application/json').send(body);
}
