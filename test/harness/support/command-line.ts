/**
 * A number of the command line. What is no number ends the process with exit code 2.
 *
 * @param usage shown then
 */
export function wholeNumber(option: string, text: string, least: number, usage: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= least) return value;
  console.error(`--${option} ${text}: must be a whole number from ${String(least)} on\n${usage}`);
  process.exit(2);
}
