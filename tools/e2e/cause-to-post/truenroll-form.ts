import type { SubmittedFile } from '@casewire/client';
import type { ReceivedRequest } from '@casewire/testing';
import sharp from 'sharp';
import { expect } from 'vitest';

import type { RunningPlatform, TestPlatform } from '../test-platform.ts';
import { bodyOf, sample } from './received.ts';

/** The names of the events of a case, sorted: stages run in parallel. Each envelope has exactly TruEnroll's fields. */
export function namesOfCase(
  requests: readonly ReceivedRequest[],
  { id, externalId }: { id: string; externalId: string | null },
): string[] {
  return requests
    .map((request) => {
      const { eventName } = bodyOf(request);
      expect(bodyOf(request)).toStrictEqual({
        eventName,
        payload: { caseId: id, externalId, occurredAt: expect.any(String) as string },
      });
      return eventName as string;
    })
    .toSorted();
}

/** Submits a form whose fields are written as texts, as a partner's own client does. */
export async function submitFields(
  platform: TestPlatform<RunningPlatform>,
  key: string,
  fields: Record<string, string>,
): Promise<{ status: number; body: Record<string, any> }> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  const { name, bytes } = await sample('invoice');
  form.append('files', new Blob([new Uint8Array(bytes)]), name);
  const response = await fetch(`${platform.url}/partner/v1/cases`, {
    method: 'POST',
    headers: { 'x-api-key': key },
    body: form,
  });
  return { status: response.status, body: (await response.json()) as Record<string, any> };
}

/** A part of a printed document as a picture, in each format that scanners and cameras write. */
export async function pictures(): Promise<SubmittedFile[]> {
  const { bytes } = await sample('payslip', { seed: 5 });
  const part = () => sharp(bytes).extract({ left: 0, top: 0, width: 900, height: 320 });
  const [png, jpeg, webp] = await Promise.all([
    part().png().toBuffer(),
    part().jpeg().toBuffer(),
    part().webp().toBuffer(),
  ]);
  return [
    { name: 'page.png', bytes: png },
    { name: 'page.jpg', bytes: jpeg },
    { name: 'page.jpeg', bytes: jpeg },
    { name: 'page.webp', bytes: webp },
  ];
}
