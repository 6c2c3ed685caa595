import {
  ApplicationFailure,
  isGrpcDeadlineError,
  isGrpcServiceError,
  NamespaceNotFoundError,
  QueryNotRegisteredError,
  ServiceError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { RearflowError } from '../platform/errors.ts';

const noWorker = {
  hint: 'Does a worker of this namespace run? `rearflow stack status`, or start one with `rearflow node`.',
};

/**
 * What Temporal's client threw, in the words of the error table.
 *
 * @returns the error itself when it is none that a user can do something about
 */
export function temporalProblem(error: unknown, intent: string): unknown {
  if (error instanceof QueryNotRegisteredError) {
    const message = `intent ${intent} has no status: it ended before it began, because its input was refused`;
    return new RearflowError('NotFound', message, {
      hint: `See the failure of workflow intent/${intent}.`,
      cause: error,
    });
  }
  if (error instanceof WorkflowUpdateFailedError) {
    const { cause } = error;
    const code = cause instanceof ApplicationFailure && cause.type === 'CannotRenew' ? 'CannotRenew' : 'InvalidRequest';
    return new RearflowError(code, error.cause?.message ?? error.message, {
      hint: `\`rearflow status ${intent}\` says what it waits for.`,
      cause: error,
    });
  }
  if (error instanceof NamespaceNotFoundError) {
    return new RearflowError('TemporalUnreachable', `Temporal has no namespace ${error.namespace}`, {
      hint: 'Name one that exists: --namespace or TEMPORAL_NAMESPACE.',
      cause: error,
    });
  }
  if (isGrpcDeadlineError(error) || (error instanceof ServiceError && isGrpcDeadlineError(error.cause))) {
    return new RearflowError('TemporalUnreachable', `nobody answered for intent ${intent} in time`, {
      ...noWorker,
      cause: error,
    });
  }
  if (error instanceof ServiceError) {
    const detail = isGrpcServiceError(error.cause) ? error.cause.details : error.message;
    return new RearflowError('TemporalUnreachable', `Temporal: ${detail || error.message}`, { cause: error });
  }
  return error;
}
