import { KubeError } from '../kubernetes/cluster.ts';
import { RearflowError } from '../platform/errors.ts';
import { painterFor } from '../view/style.ts';

/** Ends the process: a line that says what is wrong, one that says what to do, and the exit code of the error. */
export function fail(error: unknown): never {
  const paint = painterFor(process.stderr);
  const known = error instanceof KubeError ? clusterProblem(error) : portProblem(error);
  if (known instanceof RearflowError) {
    process.stderr.write(`${paint('bad', known.message)}\n${known.hint}\n`);
    process.exit(known.exitCode);
  }
  const text = error instanceof Error ? (process.env['REARFLOW_DEBUG'] ? error.stack : error.message) : String(error);
  process.stderr.write(`rearflow failed: ${text ?? 'unknown'}\nSet REARFLOW_DEBUG=1 for the stack trace.\n`);
  process.exit(1);
}

/** What an API server refused, in the words of the error table. */
function clusterProblem(cause: KubeError): RearflowError {
  const { status, message } = cause;
  const hints: Readonly<Record<number, string>> = {
    401: 'The credentials of the kubeconfig are wrong or have expired; get fresh ones.',
    403: 'The user of the kubeconfig may not do this; use one who may.',
    404: "rearflow's tables are not installed there: kubectl apply -f deploy/crds/",
  };
  const hint = hints[status];
  return new RearflowError('ClusterUnreachable', `the cluster refuses (${status}): ${message}`, {
    cause,
    ...(hint ? { hint } : {}),
  });
}

/** A port that cannot be listened on, in the words of the error table; anything else as it is. */
function portProblem(error: unknown): unknown {
  const { code, address = '', port = 0 } = (error ?? {}) as { code?: string; address?: string; port?: number };
  const why = code === 'EADDRINUSE' ? 'is taken' : code === 'EACCES' && port > 0 ? 'may not be listened on' : undefined;
  if (why === undefined) return error;
  return new RearflowError('InvalidConfig', `${address}:${String(port)} ${why}`, {
    field: 'gateway.port',
    hint: 'Set gateway.port (REARFLOW_GATEWAY_PORT) to a free one, or stop what listens there.',
    cause: error,
  });
}
