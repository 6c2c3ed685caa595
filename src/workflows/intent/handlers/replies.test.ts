import { expect, test } from '@jest/globals';
import { earlierReceipts } from '../../../schemas/read-backs.ts';
import { Mail } from './replies.ts';

test('receipts of sellers that write long ones do not fill what an intent carries', () => {
  const long = 'x'.repeat(earlierReceipts - 10);
  const mail = new Mail({ honest: 'short', hostile: long, worse: `${long}y`, last: 'end' });
  expect(mail.state.receipts).toEqual({ honest: 'short', hostile: long, last: 'end' });
  expect(mail.sellersWord('worse')).toMatchObject({ state: 'verified' });
  expect(new Mail().state).toEqual({});
});
