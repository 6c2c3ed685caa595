import { pino, type Logger } from 'pino';

export type { Logger };

const secretKeys = ['kubeconfig', 'token', 'password', 'configurationData', 'credentials', 'authorization'];

/**
 * The one logger of a process: JSON lines on standard error, so that standard output stays for results.
 *
 * Fields that could carry secrets are removed wherever they stand in the first two levels.
 */
export function createLogger(name: string, level: string): Logger {
  const paths = secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);
  return pino({ name, level, redact: { paths, remove: true } }, pino.destination({ fd: 2, sync: false }));
}
