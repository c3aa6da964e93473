import type { OrderTemplate } from '@casewire/contracts';

/** The templates that every organization has: those of the file with which the service started. */
export class PlatformTemplates {
  private readonly latestById = new Map<string, OrderTemplate>();

  constructor(private readonly templates: readonly OrderTemplate[]) {
    for (const template of templates) {
      const known = this.latestById.get(template.id);
      if (!known || known.version < template.version) this.latestById.set(template.id, template);
    }
  }

  /** Whether an id can only be that of a template of the platform. */
  static has(id: string): boolean {
    return id.startsWith('casewire.');
  }

  /** A version of a template, the latest by default; undefined if there is none. */
  get(id: string, version?: number): OrderTemplate | undefined {
    if (version === undefined) return this.latestById.get(id);
    return this.templates.find((one) => one.id === id && one.version === version);
  }

  /** The latest version of each template whose id is greater, by id. */
  latestAfter(id: string): OrderTemplate[] {
    return [...this.latestById.values()]
      .filter((one) => one.id > id)
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }
}
