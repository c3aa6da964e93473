export { casesDatabase, storeCase } from './cases-database.ts';
