import { generate, type SampleKind } from '@casewire/samples';
import { expect, test } from 'vitest';

import { untilCompleted, type RunningPlatform, type TestPlatform } from '../test-platform.ts';

/** Scanned documents, whose text must be recognized. */
export function scanScenarios(platform: () => TestPlatform<RunningPlatform>): void {
  test.each<[SampleKind, string]>([
    ['passport', 'document_number'],
    ['payslip', 'net_pay'],
  ])('a scanned %s is read, examined and classified', async (kind, field) => {
    const partner = await platform().partner();
    const listener = await partner.listen();
    const { fileName, bytes, truth } = await generate(kind, { seed: 4 });
    const view = await partner.client.submit({
      files: [{ name: fileName, bytes }],
      features: ['extraction', 'forensics'],
    });
    await untilCompleted(listener, view);
    expect(await partner.client.case(view.id)).toMatchObject({ result: 'succeeded' });
    const classified = await partner.client.results(view.id, 'classification');
    expect(classified.uploads[0]!.result).toMatchObject({ documentType: truth.documentType });
    const extracted = await partner.client.results(view.id, 'extraction');
    expect(JSON.stringify(extracted.uploads[0]!.result)).toContain(truth.fields[field]);
  });
}
