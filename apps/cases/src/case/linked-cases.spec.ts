import { randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';

import { after, canceling, deleting, submitting, types, upload } from '../../test/case-trial.ts';
import { CommandRefused } from './refusals.ts';

const verification = () => ({ id: randomUUID(), orderId: randomUUID() });
const linking = (to: ReturnType<typeof verification> | null, one = upload()) =>
  submitting([one], undefined, to);

test('a case that is submitted for a verification is linked in the same decision', () => {
  const { id, orderId } = verification();
  const { last, state } = after(linking({ id, orderId }, upload(['extraction'])));
  expect(types(last)).toEqual([
    'CaseSubmitted',
    'CaseLinked',
    'UploadReceived',
    'StageRequested classification',
  ]);
  expect(last[1]).toMatchObject({
    orderId,
    verificationId: id,
    stages: ['classification', 'extraction'],
    linkedAt: '2026-01-01T10:00:00.000Z',
  });
  expect(state.verificationId).toBe(id);
});

test('a case without a verification is not linked, and has none', () => {
  const { last, state } = after(linking(null));
  expect(types(last)).not.toContain('CaseLinked');
  expect(state.verificationId).toBeNull();
});

test('further documents for the same verification, or for none, are added and link nothing', () => {
  const own = verification();
  const [one, two, three] = [upload(), upload(), upload()];
  const { events, state } = after(linking(own, one), linking(own, two), linking(null, three));
  expect(types(events).filter((type) => type === 'CaseLinked')).toHaveLength(1);
  expect([...state.uploads.keys()]).toEqual([one.id, two.id, three.id]);
  expect(state.verificationId).toBe(own.id);
});

test.each([
  ['another verification', verification()],
  ['no verification', null],
])('documents for a verification are refused by a case of %s', (_, first) => {
  const code = 'CASE_OF_ANOTHER_VERIFICATION';
  const submit = () => after(linking(first), linking(verification()));
  expect(submit).toThrow(CommandRefused);
  expect(submit).toThrow(expect.objectContaining({ code }));
  expect(submit).toThrow(/allowed now: upload,/);
});

test.each([
  ['canceled', canceling, 'CASE_CANCELED'],
  ['deleted', deleting, 'CASE_DELETED'],
])('a case that was %s is refused for that reason, whatever the verification', (_, end, code) => {
  const submit = () => after(linking(null), end, linking(verification()));
  expect(submit).toThrow(expect.objectContaining({ code }));
});
