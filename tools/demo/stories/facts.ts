import type { CaseView, OrderView } from '@casewire/contracts';

/**
 * What happened in a story so far: the cases that were submitted, by the external id of their submission, and the orders that were
 * created, by their names in the story.
 */
export class Facts {
  private readonly cases = new Map<string, CaseView>();
  private readonly orders = new Map<string, OrderView>();

  addCase(name: string, view: CaseView): void {
    this.cases.set(name, view);
  }

  addOrder(name: string, view: OrderView): void {
    this.orders.set(name, view);
  }

  /** @throws Error if the case was not submitted yet */
  case(name: string): CaseView {
    const view = this.cases.get(name);
    if (!view) throw new Error(`the case ${name} was not submitted yet`);
    return view;
  }

  /** An order as it was when it was created. @throws Error if it was not created yet */
  order(name: string): OrderView {
    const view = this.orders.get(name);
    if (!view) throw new Error(`the order ${name} was not created yet`);
    return view;
  }

  /** A verification of an order by its name in the template. @throws Error if the order has none, or was not created yet */
  verification(orderName: string, name: string): OrderView['verifications'][number] {
    const found = this.order(orderName).verifications.find((one) => one.name === name);
    if (!found) throw new Error(`the order ${orderName} has no verification ${name}`);
    return found;
  }

  has(name: string): boolean {
    return this.cases.has(name) || this.orders.has(name);
  }

  knows(id: string): boolean {
    return this.find(id) !== undefined;
  }

  /** The name of a case or of an order; the id, if the story did not cause it. An order is found by its user, too. */
  nameOf(id: string): string {
    return this.find(id) ?? id;
  }

  get caseIds(): string[] {
    return [...this.cases.values()].map(({ id }) => id);
  }

  get orderIds(): string[] {
    return [...this.orders.values()].map(({ id }) => id);
  }

  private find(id: string): string | undefined {
    const [caseName] = [...this.cases].find(([, one]) => one.id === id) ?? [];
    const [orderName] = [...this.orders].find(([, one]) => [one.id, one.userId].includes(id)) ?? [];
    return caseName ?? orderName;
  }
}
