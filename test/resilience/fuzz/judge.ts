import { planted } from './routes.ts';
import type { FuzzRequest } from './request.ts';
import { shown, type Finding } from './finding.ts';
import type { Heard } from './wire.ts';

/** Where a contract is being opened, or was sold and is not open yet, the gateway may ask for patience. */
const mayWait = /(\/purchase|\/contract)$/;
const opening = 'the contract is being opened';
/** Traces, paths and names of modules are nobody's business. */
const inside = /\n\s+at |node_modules|\/src\/|\.ts:\d+|node:internal/;

/** What is wrong with an answer. @param sent the request as it went over the line */
export function objectionsTo(number: number, request: FuzzRequest, sent: Buffer, heard: Heard): Finding[] {
  const found = (kind: Finding['kind'], what: string): Finding => ({
    kind,
    number,
    what: `${request.about}: ${what}`,
    shown: `${shown(sent.toString('latin1'))}\n→ ${shown(heard.text)}`,
  });
  const { statuses, text, silent, ms } = heard;
  if (silent) return [found('hang', `no answer in ${String(Math.round(ms))} ms`)];
  const failed = statuses.filter((status) => status >= 500 && !(status === 503 && isPatience(request, text)));
  const findings = failed.map((status) => found('server error', `status ${String(status)}`));
  if (text.includes(planted)) findings.push(found('server error', 'a secret of the request came back'));
  if (inside.test(text)) findings.push(found('server error', 'the answer tells of the inside'));
  const whole = request.bytes === undefined && request.framing === 'length' && request.hangUpMs === undefined;
  if (whole && statuses.length === 0 && sent.length < 200_000)
    findings.push(found('server error', 'hung up without an answer'));
  return findings;
}

function isPatience({ target }: FuzzRequest, text: string): boolean {
  return (
    mayWait.test(target.split('?')[0] ?? '') &&
    text.includes('"NotReady"') &&
    /retry-after: \d/i.test(text) &&
    text.includes(opening)
  );
}
