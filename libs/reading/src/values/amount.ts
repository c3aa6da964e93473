const printed =
  /(?<![\w.,])[-−]?\s?(?:[£€$]\s?)?[-−]?(?:\d{1,3}(?:([.,'])\d{3})+|\d+)(?:([.,])\d{2})(?!\d)(?:\s?[£€$])?/g;

/** An amount in a text: its value with a point and two decimals, and its place. */
export interface FoundAmount {
  value: string;
  index: number;
  length: number;
}

/** Every amount with two decimals in the text: 1,234.56 and 1.234,56, with or without a currency's sign. */
export function findAmounts(text: string): FoundAmount[] {
  const found: FoundAmount[] = [];
  for (const match of text.matchAll(printed)) {
    const [whole, thousands, point] = match;
    // 1,234,56 is in neither style: most likely a point was misread.
    if (thousands && thousands === point) continue;
    const digits = whole.replaceAll(/\D/g, '');
    const value = Number(digits) / 100;
    const sign = /[-−]/.test(whole) ? '-' : '';
    found.push({ value: `${sign}${value.toFixed(2)}`, index: match.index, length: whole.length });
  }
  return found;
}
