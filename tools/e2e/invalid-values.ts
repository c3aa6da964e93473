const filteredBy = (over: object) => ({
  filters: [{ path: 'a', operator: 'eq', value: 1, ...over }],
});
/** Invalid fields of an endpoint: name, fields, status, the field that the problem names. */
export const invalidEndpoints: [string, object, number, string][] = [
  ['no URL', { url: undefined }, 400, 'url'],
  ['an invalid URL', { url: 'nowhere' }, 400, 'url'],
  ['another protocol', { url: 'ftp://one.example/' }, 400, 'url'],
  ['NUL in its URL', { url: 'https://one.example/\0' }, 400, 'url'],
  ['half a character in its URL', { url: 'https://one.example/\ud800' }, 400, 'url'],
  ['no event type', { eventTypes: [] }, 400, 'eventTypes'],
  ['an unknown event type', { eventTypes: ['case.exploded'] }, 422, 'eventTypes'],
  ['an unknown dialect', { dialect: 'klingon' }, 400, 'dialect'],
  ['a header that Casewire sets', { headers: { Host: 'x' } }, 400, 'headers.Host'],
  ['NUL in a header', { headers: { 'X-A': 'a\0' } }, 400, 'headers.X-A'],
  ['NUL in its description', { description: 'a\0' }, 400, 'description'],
  ['half a character in its description', { description: 'a\ud800' }, 400, 'description'],
  ['no retry', { retry: { delaySeconds: [] } }, 400, 'retry.delaySeconds'],
  ['an invalid path', filteredBy({ path: 'a..b' }), 400, 'filters.0.path'],
  ['NUL in the value of a filter', filteredBy({ value: 'a\0' }), 400, 'filters.0.value'],
  ['a rate of zero', { ratePerSecond: 0 }, 400, 'ratePerSecond'],
  ['an unknown field', { colour: 'red' }, 400, 'colour'],
];

const cursorOf = (position: unknown) => Buffer.from(JSON.stringify(position)).toString('base64url');
/** Invalid parameters of a page: query, the field that the problem names. */
export const invalidPages: [query: string, field: string][] = [
  ['limit=0', 'limit'],
  ['limit=101', 'limit'],
  ['limit=', 'limit'],
  ['limit=x', 'limit'],
  ['limit=1.5', 'limit'],
  ['limit=1&limit=2', 'limit'],
  ['cursor=', 'cursor'],
  ['cursor=x', 'cursor'],
  ['cursor=a&cursor=b', 'cursor'],
  [`cursor=${'a'.repeat(513)}`, 'cursor'],
  [`cursor=${cursorOf(null)}`, 'cursor'],
  [`cursor=${cursorOf(7)}`, 'cursor'],
  [`cursor=${cursorOf('7\0')}`, 'cursor'],
  [`cursor=${cursorOf('9'.repeat(19))}`, 'cursor'],
  [`cursor=${cursorOf({ id: '7' })}`, 'cursor'],
];
