export { Api, ApiError, type Call, type DownloadedFile } from './api.ts';
export { DeliveryClient } from './delivery.ts';
export { OperatorClient } from './operator.ts';
export { OrderClient, type OrderFilter } from './order.ts';
export {
  formOf,
  PartnerClient,
  type CaseFilter,
  type Page,
  type Submission,
  type SubmittedFile,
} from './partner.ts';
export { ReviewClient } from './review.ts';
export { TeamClient } from './team.ts';
export { joinTimeline, type TimelineItem } from './timeline.ts';
