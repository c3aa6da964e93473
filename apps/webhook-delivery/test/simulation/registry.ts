import type { Endpoint } from '@casewire/contracts';

/** The registered endpoints, at every offset of their topic. */
export class Registry {
  private readonly states: ReadonlyMap<string, Endpoint>[] = [new Map()];
  private readonly all = new Map<string, Endpoint>();

  get offset(): number {
    return this.states.length - 1;
  }

  at(offset: number): ReadonlyMap<string, Endpoint> {
    return this.states[offset]!;
  }

  get present(): ReadonlyMap<string, Endpoint> {
    return this.at(this.offset);
  }

  /** Every endpoint that was ever registered, in its first revision. */
  allEver(): Iterable<Endpoint> {
    return this.all.values();
  }

  put(endpoint: Endpoint): void {
    if (!this.all.has(endpoint.id)) this.all.set(endpoint.id, endpoint);
    this.states.push(new Map(this.present).set(endpoint.id, endpoint));
  }

  remove(id: string): void {
    const left = new Map(this.present);
    left.delete(id);
    this.states.push(left);
  }
}
