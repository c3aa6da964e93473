import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import {
  ChangeEventType,
  ChangeEventTypeStatus,
  CreateEventTypeVersion,
  EventTypeName,
  EventTypeView,
  RegisterEventType,
  VersionNumber,
} from '@casewire/contracts';
import { GivenIdempotencyKey, Operation } from '@casewire/service';
import { Body, Controller, Param, Patch, Post, Put } from '@nestjs/common';

import { RegistrationService } from './registration.service.ts';

@Controller('catalog/v1/event-types')
export class RegistrationController {
  constructor(private readonly registration: RegistrationService) {}

  @Post()
  @NeedsScope('catalog:write')
  @Operation('create', 'Register an event type of your team, at version 1', EventTypeView)
  register(
    @CurrentPrincipal() tenant: Principal,
    @Body({ schema: RegisterEventType }) command: RegisterEventType,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.registration.register(tenant, command, { key });
  }

  @Post(':name/versions')
  @NeedsScope('catalog:write')
  @Operation('create', 'Register the next version, with its down-conversion', EventTypeView, {
    problems: [404],
  })
  createVersion(
    @CurrentPrincipal() tenant: Principal,
    @Param('name', { schema: EventTypeName }) name: string,
    @Body({ schema: CreateEventTypeVersion }) command: CreateEventTypeVersion,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.registration.createVersion(tenant, name, command, { key });
  }

  @Put(':name/:version')
  @NeedsScope('catalog:write')
  @Operation('change', 'Change a version; its schema must stay compatible both ways', EventTypeView)
  change(
    @CurrentPrincipal() tenant: Principal,
    @Param('name', { schema: EventTypeName }) name: string,
    @Param('version', { schema: VersionNumber }) version: number,
    @Body({ schema: ChangeEventType }) command: ChangeEventType,
  ) {
    return this.registration.change(tenant, name, version, command);
  }

  @Patch(':name/:version')
  @NeedsScope('catalog:write')
  @Operation('change', 'Change the status of a version', EventTypeView)
  changeStatus(
    @CurrentPrincipal() tenant: Principal,
    @Param('name', { schema: EventTypeName }) name: string,
    @Param('version', { schema: VersionNumber }) version: number,
    @Body({ schema: ChangeEventTypeStatus }) { status }: ChangeEventTypeStatus,
  ) {
    return this.registration.changeStatus(tenant, name, version, status);
  }
}
