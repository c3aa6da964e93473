import { NeedsScope } from '@casewire/auth';
import { EventType } from '@casewire/contracts';
import { Controller, Get, Param, ParseIntPipe } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';

import { EventTypesService } from './event-types.service.ts';

const EventTypeView = EventType.omit({ revision: true, deletedAt: true });

@Controller('catalog/v1/event-types')
export class EventTypesController {
  constructor(private readonly eventTypes: EventTypesService) {}

  @Get()
  @NeedsScope('endpoints:read')
  @ApiOperation({ summary: 'Every event type that there is' })
  @ApiResponse({ status: 200, standardSchema: z.object({ items: z.array(EventTypeView) }) })
  async getAll() {
    return { items: await this.eventTypes.getAll() };
  }

  @Get(':name/:version')
  @NeedsScope('endpoints:read')
  @ApiOperation({ summary: 'One version of an event type, with its schema and a sample' })
  @ApiResponse({ status: 200, standardSchema: EventTypeView })
  get(@Param('name') name: string, @Param('version', ParseIntPipe) version: number) {
    return this.eventTypes.get(name, version);
  }
}
