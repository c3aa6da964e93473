import { Authenticator, OperatorKey } from '@casewire/auth';
import { Module, type DynamicModule } from '@nestjs/common';

import { ApiKeysController } from './api-keys/api-keys.controller.ts';
import { ApiKeysService } from './api-keys/api-keys.service.ts';
import { EndpointSubscriptionsController } from './endpoints/endpoint-subscriptions.controller.ts';
import { EndpointSubscriptionsService } from './endpoints/endpoint-subscriptions.service.ts';
import { EndpointsController } from './endpoints/endpoints.controller.ts';
import { EndpointsService } from './endpoints/endpoints.service.ts';
import { PingService } from './endpoints/ping.service.ts';
import { ProvisioningController } from './endpoints/provisioning.controller.ts';
import { CallbackSecretController } from './organizations/callback-secret.controller.ts';
import { OrganizationsController } from './organizations/organizations.controller.ts';
import { OrganizationsService } from './organizations/organizations.service.ts';

export interface SubscriptionsServices {
  authenticator: Authenticator;
  operatorKey: OperatorKey;
  organizations: OrganizationsService;
  apiKeys: ApiKeysService;
  endpoints: EndpointsService;
  endpointSubscriptions: EndpointSubscriptionsService;
  pings: PingService;
}

@Module({})
export class SubscriptionsModule {
  static of(parts: SubscriptionsServices): DynamicModule {
    return {
      module: SubscriptionsModule,
      controllers: [
        OrganizationsController,
        ApiKeysController,
        ProvisioningController,
        CallbackSecretController,
        EndpointSubscriptionsController,
        EndpointsController,
      ],
      providers: [
        { provide: Authenticator, useValue: parts.authenticator },
        { provide: OperatorKey, useValue: parts.operatorKey },
        { provide: OrganizationsService, useValue: parts.organizations },
        { provide: ApiKeysService, useValue: parts.apiKeys },
        { provide: EndpointsService, useValue: parts.endpoints },
        { provide: EndpointSubscriptionsService, useValue: parts.endpointSubscriptions },
        { provide: PingService, useValue: parts.pings },
      ],
    };
  }
}
