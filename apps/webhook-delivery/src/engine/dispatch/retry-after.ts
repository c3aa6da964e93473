const maxMs = 24 * 60 * 60 * 1000;

const imfFixdate = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/;
const rfc850 = /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d\d-\w{3}-\d\d \d\d:\d\d:\d\d GMT$/;
const asctime = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$/;

/**
 * The pause that a server requests: the Retry-After header (RFC 9110, 10.2.3), in seconds or as a date in any of the three
 * HTTP formats.
 * @returns milliseconds, 24 hours at most; 0 if the date has passed or the value is invalid
 */
export function retryAfterMs(value: string | undefined, now: Date): number {
  const text = value?.trim() ?? '';
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : timeOf(text) - now.getTime();
  return Number.isNaN(wait) ? 0 : Math.min(Math.max(0, wait), maxMs);
}

function timeOf(text: string): number {
  if (imfFixdate.test(text) || rfc850.test(text)) return Date.parse(text);
  return asctime.test(text) ? Date.parse(`${text} GMT`) : NaN;
}
