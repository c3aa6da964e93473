import { Authenticator } from '@casewire/auth';
import { Module, type DynamicModule } from '@nestjs/common';

import { EventTypesController } from './event-types/event-types.controller.ts';
import { EventTypesService } from './event-types/event-types.service.ts';

@Module({})
export class EventCatalogModule {
  static of(parts: { authenticator: Authenticator; eventTypes: EventTypesService }): DynamicModule {
    return {
      module: EventCatalogModule,
      controllers: [EventTypesController],
      providers: [
        { provide: Authenticator, useValue: parts.authenticator },
        { provide: EventTypesService, useValue: parts.eventTypes },
      ],
    };
  }
}
