import { NeedsScope, Tenant, type Principal } from '@casewire/auth';
import {
  ChangeEventType,
  ChangeEventTypeStatus,
  CreateEventTypeVersion,
  EventTypeView,
  RegisterEventType,
} from '@casewire/contracts';
import { Body, Controller, Headers, Param, Patch, Post, Put } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';

import { VersionPipe } from '../event-types/version-pipe.ts';
import { RegistrationService } from './registration.service.ts';

@Controller('catalog/v1/event-types')
export class RegistrationController {
  constructor(private readonly registration: RegistrationService) {}

  @Post()
  @NeedsScope('catalog:write')
  @ApiOperation({ summary: 'Register an event type of your team, at version 1' })
  @ApiResponse({ status: 201, standardSchema: EventTypeView })
  register(
    @Tenant() tenant: Principal,
    @Body({ schema: RegisterEventType }) command: RegisterEventType,
    @Headers('idempotency-key') key: string | undefined,
  ) {
    return this.registration.register(tenant, command, { key });
  }

  @Post(':name/versions')
  @NeedsScope('catalog:write')
  @ApiOperation({ summary: 'Register the next version, with its down-conversion' })
  @ApiResponse({ status: 201, standardSchema: EventTypeView })
  createVersion(
    @Tenant() tenant: Principal,
    @Param('name') name: string,
    @Body({ schema: CreateEventTypeVersion }) command: CreateEventTypeVersion,
    @Headers('idempotency-key') key: string | undefined,
  ) {
    return this.registration.createVersion(tenant, name, command, { key });
  }

  @Put(':name/:version')
  @NeedsScope('catalog:write')
  @ApiOperation({ summary: 'Change a version; its schema must stay compatible both ways' })
  @ApiResponse({ status: 200, standardSchema: EventTypeView })
  change(
    @Tenant() tenant: Principal,
    @Param('name') name: string,
    @Param('version', VersionPipe) version: number,
    @Body({ schema: ChangeEventType }) command: ChangeEventType,
  ) {
    return this.registration.change(tenant, name, version, command);
  }

  @Patch(':name/:version')
  @NeedsScope('catalog:write')
  @ApiOperation({ summary: 'Change the status of a version' })
  @ApiResponse({ status: 200, standardSchema: EventTypeView })
  changeStatus(
    @Tenant() tenant: Principal,
    @Param('name') name: string,
    @Param('version', VersionPipe) version: number,
    @Body({ schema: ChangeEventTypeStatus }) { status }: ChangeEventTypeStatus,
  ) {
    return this.registration.changeStatus(tenant, name, version, status);
  }
}
