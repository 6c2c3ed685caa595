import { expect, test } from '@jest/globals';
import { earlierReceipts } from '../../../schemas/read-backs.ts';
import { Replies } from './replies.ts';

test('receipts of sellers that write long ones do not fill what an intent carries', () => {
  const long = 'x'.repeat(earlierReceipts - 10);
  const replies = new Replies({ honest: 'short', hostile: long, worse: `${long}y`, last: 'end' });
  expect(replies.state.receipts).toEqual({ honest: 'short', hostile: long, last: 'end' });
  expect(replies.sellersWord('worse')).toMatchObject({ state: 'verified' });
  expect(new Replies().state).toEqual({});
});
