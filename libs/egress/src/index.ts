export { egressFault, type EgressPolicy } from './egress-fault.ts';
export { isPublic, isWithin } from './public-address.ts';
