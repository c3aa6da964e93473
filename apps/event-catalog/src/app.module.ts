import { Authenticator } from '@casewire/auth';
import { Module, type DynamicModule } from '@nestjs/common';

import { EventTypesController } from './event-types/event-types.controller.ts';
import { EventTypesService } from './event-types/event-types.service.ts';
import { PagesController } from './pages/pages.controller.ts';
import { Pages } from './pages/pages.ts';
import { RegistrationController } from './registration/registration.controller.ts';
import { RegistrationService } from './registration/registration.service.ts';

export interface CatalogServices {
  authenticator: Authenticator;
  eventTypes: EventTypesService;
  registration: RegistrationService;
  pages: Pages;
}

@Module({})
export class EventCatalogModule {
  static of(parts: CatalogServices): DynamicModule {
    return {
      module: EventCatalogModule,
      controllers: [EventTypesController, RegistrationController, PagesController],
      providers: [
        { provide: Authenticator, useValue: parts.authenticator },
        { provide: EventTypesService, useValue: parts.eventTypes },
        { provide: RegistrationService, useValue: parts.registration },
        { provide: Pages, useValue: parts.pages },
      ],
    };
  }
}
