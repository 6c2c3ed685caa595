import { errorTable } from '../platform/errors.ts';

/** Every error of rearflow, as Markdown. */
export function errorsPage(): string {
  const lines = Object.entries(errorTable).map(
    ([code, { status, exit, hint }]) => `| \`${code}\` | ${status} | ${exit} | ${hint} |`,
  );
  return `<!-- Generated from src/platform/errors.ts by scripts/generate-docs.ts; do not edit. -->

# Errors

Whatever a person can meet carries one of these codes. On the command line it is one line that says what is wrong and one
that says what to do; the exit code is 1 when something failed, 2 when the user can fix it. Over HTTP it is an RFC 9457
problem with the code in \`code\`. In a program it is a \`RearflowError\`. A hint may be more precise than the one here.

| code | HTTP | exit | what to do |
| --- | --- | --- | --- |
${lines.join('\n')}
`;
}
