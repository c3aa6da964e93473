import type { CaseView } from '@casewire/contracts';

/** What happened in a story so far: the cases that were submitted, by the external id of their submission. */
export class Facts {
  private readonly cases = new Map<string, CaseView>();

  add(caseName: string, view: CaseView): void {
    this.cases.set(caseName, view);
  }

  /** @throws Error if the case was not submitted yet */
  case(caseName: string): CaseView {
    const view = this.cases.get(caseName);
    if (!view) throw new Error(`the case ${caseName} was not submitted yet`);
    return view;
  }

  has(caseName: string): boolean {
    return this.cases.has(caseName);
  }

  knows(caseId: string): boolean {
    return this.caseIds.includes(caseId);
  }

  /** The name of a case; its id, if the story did not submit it. */
  nameOf(caseId: string): string {
    return [...this.cases].find(([, { id }]) => id === caseId)?.[0] ?? caseId;
  }

  get caseIds(): string[] {
    return [...this.cases.values()].map(({ id }) => id);
  }
}
