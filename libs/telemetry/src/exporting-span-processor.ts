import { BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';

/** A batch processor whose flush also waits for the exports that are under way already. */
export class ExportingSpanProcessor extends BatchSpanProcessor {
  constructor(private readonly exporter: SpanExporter) {
    super(exporter);
  }

  /** Resolves when every span that has ended is exported; rejects if one cannot be. */
  override async forceFlush(): Promise<void> {
    await super.forceFlush();
    await this.exporter.forceFlush?.();
  }
}
