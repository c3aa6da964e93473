import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import { SigningSecretShown } from '@casewire/contracts';
import { GivenIdempotencyKey, Operation } from '@casewire/service';
import { Controller, Post } from '@nestjs/common';

import { OrganizationsService } from './organizations.service.ts';

@Controller('registry/v1/callback-secret')
export class CallbackSecretController {
  constructor(private readonly organizations: OrganizationsService) {}

  @Post()
  @NeedsScope('endpoints:write')
  @Operation(
    'create',
    'Rotate the signing secret of your callback URLs; it is shown only in this response',
    SigningSecretShown,
  )
  rotate(
    @CurrentPrincipal() { organizationId, environment }: Principal,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    const by = `${organizationId}/${environment}`;
    return this.organizations.rotateCallbackSecret(organizationId, by, key);
  }
}
