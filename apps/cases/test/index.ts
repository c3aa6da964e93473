export { casesDatabase, storeCase } from './cases-database.ts';
export {
  orderErased,
  stateChanged,
  verification,
  type PublishedVerification,
} from './verification-events.ts';
