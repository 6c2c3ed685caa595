import { alive } from './context.ts';

/** Heartbeats while a single call is under way. */
export async function withHeartbeat<T>(call: Promise<T>): Promise<T> {
  const timer = setInterval(alive, 1_000);
  try {
    return await call;
  } finally {
    clearInterval(timer);
  }
}
