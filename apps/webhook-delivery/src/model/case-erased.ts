/** The type of the event that announces an erased case: open deliveries of its key are canceled, stored data is removed. */
export const caseErasedType = 'case.erased';
