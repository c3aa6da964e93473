import { createRequire } from 'node:module';
import { dirname } from 'node:path';

import type { Application, Response } from 'express';

import type { Api } from './documents.ts';

// swagger-ui-dist is a dependency of @nestjs/swagger, so it is resolved from there, wherever npm installed it.
const require = createRequire(createRequire(import.meta.url).resolve('@nestjs/swagger'));

/** The files of Swagger UI (Apache-2.0) that the page loads. */
const files: Record<string, string> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

/** Allows scripts of this origin only. Swagger UI sets inline styles, and its icons are data URLs. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const send = (response: Response, type: string, text: string) =>
  response
    .set({
      'content-type': type,
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    .send(text);

/** Serves the page that shows the OpenAPI document of an API, and all its files: it loads nothing from other origins. */
export function serveDocsPage(express: Application, { path, title }: Api): void {
  const folder = dirname(require.resolve('swagger-ui-dist/package.json'));
  const document = `${path}/openapi.json`;
  const page = pageOf(`${path}/docs`, title, document);
  const start = startOf(document);
  express.get(`${path}/docs`, (_, response) => {
    send(response, 'text/html; charset=utf-8', page);
  });
  express.get(`${path}/docs/start.js`, (_, response) => {
    send(response, 'text/javascript; charset=utf-8', start);
  });
  for (const [file, type] of Object.entries(files)) {
    express.get(`${path}/docs/${file}`, (_, response, next) => {
      const headers = { 'content-type': type, 'x-content-type-options': 'nosniff' };
      response.sendFile(file, { root: folder, maxAge: '1h', headers }, (error?: Error) => {
        // A client that disconnected during the file gets no error response.
        if (error && !response.headersSent) next(error);
      });
    });
  }
}

const escaped = (text: string) =>
  text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);

const pageOf = (folder: string, title: string, document: string) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escaped(title)}</title>
    <link rel="icon" type="image/png" href="${folder}/favicon-32x32.png">
    <link rel="stylesheet" href="${folder}/swagger-ui.css">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <noscript>This page needs JavaScript. <a href="${document}">The document that it shows.</a></noscript>
    <script src="${folder}/swagger-ui-bundle.js"></script>
    <script src="${folder}/start.js"></script>
  </body>
</html>
`;

// `validatorUrl: null`: the document is not sent to a public validator.
const startOf = (url: string) => `SwaggerUIBundle({
  url: ${JSON.stringify(url)},
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
  displayRequestDuration: true,
});
`;
