/** An error that no repetition can turn into a success. */
export interface FinalError extends Error {
  readonly final: true;
}

/** @returns whether asking again is of no use, for whatever reason the one who threw it knew */
export function isFinal(error: unknown): error is FinalError {
  return error instanceof Error && 'final' in error && error.final === true;
}

const always = new Set([400, 405, 413, 422]);
const policy = /violates PodSecurity|ValidatingAdmissionPolicy/;
const unknownKind = /the server could not find the requested resource|page not found/;

/**
 * Whether an answer of an API server stays the same however often it is asked (docs/architecture.md 3.12).
 *
 * Not final, so tried again until the caller's deadline: 401 and 403 for rights, which take a moment to spread; 403 of a
 * webhook or a quota, which depends on other objects; 404 of an object and 409 of a conflict, which others resolve.
 *
 * @param message Kubernetes' own
 */
export function isFinalAnswer(status: number, message: string): boolean {
  if (always.has(status)) return true;
  return (status === 403 && policy.test(message)) || (status === 404 && unknownKind.test(message));
}
