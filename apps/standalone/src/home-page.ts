/** The text of the page at the root of the platform: the paths of its documentation. */
export const homePage = (): string =>
  [
    'Casewire',
    '',
    'API documentation (OpenAPI beside it at …/openapi.json)',
    ...['partner', 'orders', 'registry', 'catalog', 'delivery', 'admin'].map(
      (api) => `  /${api}/v1/docs`,
    ),
    '',
    'Event catalog',
    '  /catalog/v1/reference      every event, for people',
    '  /catalog/v1/llms.txt       the same, for language models',
    '  /catalog/v1/asyncapi.json  AsyncAPI',
    '  /catalog/v1/webhooks.json  OpenAPI webhooks',
    '',
  ].join('\n');
