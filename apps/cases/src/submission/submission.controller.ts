import { NeedsScope, Tenant, type Principal } from '@casewire/auth';
import { CaseView } from '@casewire/contracts';
import { Controller, Headers, HttpCode, Post, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiHeader, ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { Request } from 'express';

import { SubmissionService } from './submission.service.ts';

const form = {
  type: 'object',
  required: ['files'],
  properties: {
    files: { type: 'array', maxItems: 20, items: { type: 'string', format: 'binary' } },
    externalId: { type: 'string', minLength: 1, maxLength: 128 },
    features: {
      type: 'string',
      description: 'JSON array of extraction, forensics, translation; all by default',
    },
    classify: {
      type: 'string',
      description: 'JSON: true (default), false, or an array with one value per file',
    },
    metadata: { type: 'string', description: 'JSON object of strings, numbers and booleans' },
    targetLanguage: { type: 'string', enum: ['en'] },
  },
} as const;

@Controller('partner/v1/cases')
export class SubmissionController {
  constructor(private readonly submission: SubmissionService) {}

  @Post()
  @HttpCode(202)
  @NeedsScope('cases:write')
  @ApiOperation({
    summary: 'Submit documents as a case, or further documents to the case with this externalId',
  })
  @ApiConsumes('multipart/form-data')
  @ApiHeader({ name: 'Idempotency-Key', required: false })
  @ApiBody({ schema: { ...form, required: [...form.required] } as never })
  @ApiResponse({ status: 202, standardSchema: CaseView })
  submit(
    @Tenant() tenant: Principal,
    @Req() request: Request,
    @Headers('idempotency-key') key: string | undefined,
    @Headers('x-correlation-id') correlationId: string | undefined,
  ): Promise<CaseView> {
    return this.submission.submit(tenant, request, key, correlationId);
  }
}
