import { notFound } from '@casewire/service';
import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';

import { Pages } from './pages.ts';

const html = 'text/html; charset=utf-8';
const markdown = 'text/markdown; charset=utf-8';
const json = 'application/json; charset=utf-8';
// Pages run no scripts and load nothing, even if a team's text contains markup.
const contentSecurityPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Public pages: no API key is required. */
@Controller('catalog/v1')
@ApiExcludeController()
export class PagesController {
  constructor(private readonly pages: Pages) {}

  @Get('reference')
  @Header('content-type', html)
  @Header('content-security-policy', contentSecurityPolicy)
  @Header('x-content-type-options', 'nosniff')
  reference() {
    return this.pages.page('reference');
  }

  @Get('llms.txt')
  @Header('content-type', 'text/plain; charset=utf-8')
  @Header('x-content-type-options', 'nosniff')
  llms() {
    return this.pages.page('llms');
  }

  @Get('events.md')
  @Header('content-type', markdown)
  @Header('x-content-type-options', 'nosniff')
  summary() {
    return this.pages.page('summary');
  }

  @Get('events/:file')
  @Header('content-type', markdown)
  @Header('x-content-type-options', 'nosniff')
  event(@Param('file') file: string) {
    if (!file.endsWith('.md')) throw notFound('page');
    return this.pages.event(file.slice(0, -'.md'.length));
  }

  @Get('asyncapi.json')
  @Header('content-type', json)
  asyncApi() {
    return this.pages.page('asyncapi');
  }

  @Get('webhooks.json')
  @Header('content-type', json)
  webhooks() {
    return this.pages.page('webhooks');
  }
}
