import { digits, type Random } from './random.ts';

/** The two check digits that make the whole number 1 modulo 97 (ISO 13616). */
function checkDigits(country: string, account: string): string {
  const numeric = Array.from(`${account}${country}00`, (c) => Number.parseInt(c, 36)).join('');
  return String(98n - (BigInt(numeric) % 97n)).padStart(2, '0');
}

export interface BankAccount {
  iban: string;
  sortCode: string;
  number: string;
}

/** A British or Spanish account whose IBAN is valid. */
export function bankAccount(random: Random, country: 'GB' | 'ES'): BankAccount {
  if (country === 'GB') {
    const sortCode = digits(random, 6);
    const number = digits(random, 8);
    const account = `MERI${sortCode}${number}`;
    return {
      iban: `GB${checkDigits('GB', account)}${account}`,
      sortCode: sortCode.replace(/(..)(..)(..)/, '$1-$2-$3'),
      number,
    };
  }
  const account = digits(random, 20);
  return {
    iban: `ES${checkDigits('ES', account)}${account}`,
    sortCode: account.slice(0, 8),
    number: account.slice(10),
  };
}

/** The IBAN in groups of four, as it is printed. */
export const grouped = (iban: string): string => iban.replace(/(.{4})(?=.)/g, '$1 ');
