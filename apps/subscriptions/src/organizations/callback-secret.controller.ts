import { NeedsScope, Tenant, type Principal } from '@casewire/auth';
import { SigningSecretShown } from '@casewire/contracts';
import { Controller, Headers, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';

import { OrganizationsService } from './organizations.service.ts';

@Controller('registry/v1/callback-secret')
export class CallbackSecretController {
  constructor(private readonly organizations: OrganizationsService) {}

  @Post()
  @NeedsScope('endpoints:write')
  @ApiOperation({
    summary:
      'Rotate what requests to your callback URLs are signed with; it is shown in this answer only',
  })
  @ApiResponse({ status: 201, standardSchema: SigningSecretShown })
  rotate(
    @Tenant() { organizationId, environment }: Principal,
    @Headers('idempotency-key') key: string | undefined,
  ) {
    const by = `${organizationId}/${environment}`;
    return this.organizations.rotateCallbackSecret(organizationId, by, key);
  }
}
