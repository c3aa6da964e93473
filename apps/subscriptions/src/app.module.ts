import { Authenticator, OperatorKey } from '@casewire/auth';
import { Module, type DynamicModule } from '@nestjs/common';

import { ApiKeysController } from './api-keys/api-keys.controller.ts';
import { ApiKeysService } from './api-keys/api-keys.service.ts';
import { EndpointsController } from './endpoints/endpoints.controller.ts';
import { EndpointsService } from './endpoints/endpoints.service.ts';
import { ProvisioningController } from './endpoints/provisioning.controller.ts';
import { OrganizationsController } from './organizations/organizations.controller.ts';
import { OrganizationsService } from './organizations/organizations.service.ts';

export interface SubscriptionsParts {
  authenticator: Authenticator;
  operatorKey: OperatorKey;
  organizations: OrganizationsService;
  apiKeys: ApiKeysService;
  endpoints: EndpointsService;
}

@Module({})
export class SubscriptionsModule {
  static of(parts: SubscriptionsParts): DynamicModule {
    return {
      module: SubscriptionsModule,
      controllers: [
        OrganizationsController,
        ApiKeysController,
        ProvisioningController,
        EndpointsController,
      ],
      providers: [
        { provide: Authenticator, useValue: parts.authenticator },
        { provide: OperatorKey, useValue: parts.operatorKey },
        { provide: OrganizationsService, useValue: parts.organizations },
        { provide: ApiKeysService, useValue: parts.apiKeys },
        { provide: EndpointsService, useValue: parts.endpoints },
      ],
    };
  }
}
