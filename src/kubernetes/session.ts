import { createHash } from 'node:crypto';
import { KubeConfig } from '@kubernetes/client-node';
import { Agent, ProxyAgent } from 'undici';
import type { buildConnector, Dispatcher } from 'undici';
import { checkedLookup, type AddressRules } from '../platform/address-guard.ts';
import { RearflowError } from '../platform/errors.ts';

type HttpsOptions = Parameters<KubeConfig['applyToHTTPSOptions']>[0];

/** What a call needs: where to, over which connections, with which credentials. */
export interface Credentials {
  readonly calls: Dispatcher;
  /** Watches have connections of their own, so that they cannot use up those of the calls. */
  readonly watches: Dispatcher;
  readonly headers: Readonly<Record<string, string>>;
}

/** Credentials are looked at again this often: token files and certificates rotate. */
const freshMs = 5_000;
const keepAliveMs = 60_000;

/** @param kubeconfig path of a kubeconfig, its YAML text, or `in-cluster`. */
function load(kubeconfig: string): KubeConfig {
  const config = new KubeConfig();
  if (kubeconfig === 'in-cluster') config.loadFromCluster();
  else if (kubeconfig.includes('\n') || kubeconfig.trimStart().startsWith('{')) config.loadFromString(kubeconfig);
  else config.loadFromFile(kubeconfig);
  return config;
}

/** The client's and undici's TLS options differ only in how TypeScript sees optional fields. */
function connectOptions(options: object): buildConnector.BuildOptions {
  return { ...options, allowH2: false };
}

/** A name that another party gave is resolved once, and looked at, for each connection. */
const looked = (addresses: AddressRules | undefined): object =>
  addresses === undefined || addresses.any ? {} : { lookup: checkedLookup(addresses.ranges) };

function dispatcher(
  config: KubeConfig,
  tls: HttpsOptions,
  connections: number | null,
  addresses: AddressRules | undefined,
): Dispatcher {
  const cluster = config.getCurrentCluster();
  const options = config.createDispatcherOptions(cluster, tls as Parameters<typeof config.createDispatcherOptions>[1]);
  const keepAlive = { keepAliveTimeout: keepAliveMs, keepAliveMaxTimeout: keepAliveMs, connections, allowH2: false };
  switch (options.type) {
    case 'agent':
      return new Agent({ ...keepAlive, connect: connectOptions({ ...options.connect, ...looked(addresses) }) });
    case 'proxy':
      return new ProxyAgent({ ...keepAlive, uri: options.uri, requestTls: connectOptions(options.requestTls) });
    case 'none':
      return new Agent(keepAlive);
    case 'socks':
      throw new RearflowError('InvalidConfig', 'proxy-url: SOCKS proxies are not supported; use an HTTP proxy', {
        field: 'proxy-url',
      });
    default: {
      const never: never = options;
      throw new TypeError(`unknown dispatcher ${String(never)}`);
    }
  }
}

/** A cluster's address and credentials; holds one dispatcher per distinct TLS options and replaces it on rotation. */
export class Session {
  readonly server: string;
  readonly #config: KubeConfig;
  readonly #addresses: AddressRules | undefined;
  #fingerprint = '';
  #current: Credentials | undefined;
  #checkedAt = 0;
  #closed = false;

  /**
   * @param addresses where the server of a received kubeconfig may be
   * @throws RearflowError `InvalidConfig` when the kubeconfig names no cluster.
   */
  constructor(kubeconfig: string, addresses?: AddressRules) {
    this.#config = load(kubeconfig);
    this.#addresses = addresses;
    const server = this.#config.getCurrentCluster()?.server;
    if (!server) {
      throw new RearflowError('InvalidConfig', 'kubeconfig: its current context names no cluster', {
        field: 'kubeconfig',
      });
    }
    this.server = server.replace(/\/+$/, '');
  }

  /** @param renew ask the authenticator again although the last answer is fresh (after a 401). */
  async credentials(renew = false): Promise<Credentials> {
    if (this.#closed) throw new RearflowError('ClusterUnreachable', `${this.server}: the connection was closed`);
    if (!renew && this.#current && Date.now() - this.#checkedAt < freshMs) return this.#current;
    const options: HttpsOptions = {};
    await this.#config.applyToHTTPSOptions(options);
    const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = options as Record<string, unknown>;
    const secrets = [ca, cert, key, pfx, passphrase, rejectUnauthorized, servername].map((part) => String(part ?? ''));
    const fingerprint = createHash('sha256').update(JSON.stringify(secrets)).digest('hex');
    const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'rearflow' };
    for (const [name, value] of Object.entries(options.headers ?? {})) headers[name.toLowerCase()] = String(value);
    if (this.#current && fingerprint === this.#fingerprint) {
      this.#current = { ...this.#current, headers };
    } else {
      this.#retire();
      this.#current = {
        calls: dispatcher(this.#config, options, 16, this.#addresses),
        watches: dispatcher(this.#config, options, null, this.#addresses),
        headers,
      };
      this.#fingerprint = fingerprint;
    }
    this.#checkedAt = Date.now();
    return this.#current;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const old = this.#current;
    this.#current = undefined;
    await Promise.all([old?.calls.destroy(), old?.watches.destroy()]);
  }

  /** Calls in flight end in peace; new ones use the new dispatcher. */
  #retire(): void {
    void this.#current?.calls.close();
    void this.#current?.watches.close();
  }
}
