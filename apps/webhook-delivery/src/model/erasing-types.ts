/**
 * The types of the events that announce an erased case or an erased order: open deliveries of its key are canceled, stored data is
 * removed.
 */
export const erasingTypes: ReadonlySet<string> = new Set(['case.erased', 'order.erased']);
