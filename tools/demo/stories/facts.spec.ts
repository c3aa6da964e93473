import type { CaseView, OrderView } from '@casewire/contracts';
import { expect, test } from 'vitest';

import { Facts } from './facts.ts';

const facts = new Facts();
facts.addCase('applicant-1', { id: 'case-1' } as CaseView);
facts.addOrder('loan-1', {
  id: 'order-1',
  userId: 'user-1',
  verifications: [{ id: 'verification-1', name: 'income' }],
} as OrderView);

test('a case is named by its id, an order by its id or that of its user, and anything else by its own id', () => {
  expect(['case-1', 'order-1', 'user-1', 'case-2'].map((id) => facts.nameOf(id))).toEqual([
    'applicant-1',
    'loan-1',
    'loan-1',
    'case-2',
  ]);
  expect(['case-1', 'order-1', 'user-1', 'case-2'].map((id) => facts.knows(id))).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

test('what did not happen yet is an error that names it', () => {
  expect(facts.verification('loan-1', 'income').id).toBe('verification-1');
  expect(() => facts.verification('loan-1', 'assets')).toThrow('has no verification assets');
  expect(() => facts.order('loan-2')).toThrow('the order loan-2 was not created yet');
  expect(() => facts.case('loan-1')).toThrow('the case loan-1 was not submitted yet');
});
