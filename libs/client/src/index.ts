export { Api, ApiError, type Call } from './api.ts';
export { DeliveryClient } from './delivery.ts';
export { OperatorClient } from './operator.ts';
export {
  formOf,
  PartnerClient,
  type Page,
  type Submission,
  type SubmittedFile,
} from './partner.ts';
export { TeamClient } from './team.ts';
