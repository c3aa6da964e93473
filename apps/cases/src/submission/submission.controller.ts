import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import { CaseView, SubmitCase, submissionLimits } from '@casewire/contracts';
import { FormBody, GivenIdempotencyKey, Operation, TakesCorrelationId } from '@casewire/service';
import { Controller, Headers, Post, Req } from '@nestjs/common';
import type { Request } from 'express';

import { SubmissionService } from './submission.service.ts';

@Controller('partner/v1/cases')
export class SubmissionController {
  constructor(private readonly submission: SubmissionService) {}

  @Post()
  @NeedsScope('cases:write')
  @FormBody(SubmitCase, { max: submissionLimits.files })
  @TakesCorrelationId()
  @Operation(
    'upload',
    'Submit documents as a case, or further documents to the case with this externalId',
    CaseView,
    { problems: [404] },
  )
  submit(
    @CurrentPrincipal() tenant: Principal,
    @Req() request: Request,
    @GivenIdempotencyKey() key: string | undefined,
    @Headers('x-correlation-id') correlationId: string | undefined,
  ): Promise<CaseView> {
    return this.submission.submit(tenant, request, key, correlationId);
  }
}
