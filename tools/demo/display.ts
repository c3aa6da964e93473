import { Stage } from '@casewire/contracts';

import type { ReceivedEvent } from './receiver.ts';
import { stagesOf, type SubmittedCase } from './scenario.ts';

/** Shows the progress of the demo: a table that is redrawn, or plain lines. */
export interface Display {
  print(line: string): void;
  show(cases: readonly SubmittedCase[], events: readonly ReceivedEvent[]): void;
  received(event: ReceivedEvent, cases: readonly SubmittedCase[]): void;
  done(): void;
}

const marks = { completed: '✔', failed: '✘', waiting: '·', none: ' ' } as const;

export const plainDisplay = (write: (text: string) => void): Display => ({
  print: (line) => write(`${line}\n`),
  show: () => undefined,
  received: ({ eventName, caseId, sequence, signed }, cases) => {
    const externalId = cases.find(({ id }) => id === caseId)?.externalId ?? caseId;
    write(
      `  POST ${eventName.padEnd(32)} ${externalId}  lane place ${sequence}  ${signed ? 'signature ok' : 'NOT SIGNED'}\n`,
    );
  },
  done: () => undefined,
});

export function liveDisplay(write: (text: string) => void): Display {
  let height = 0;
  const erase = () => {
    if (height > 0) write(`\x1b[${height}A\x1b[J`);
    height = 0;
  };
  return {
    print(line) {
      erase();
      write(`${line}\n`);
    },
    show(cases, events) {
      erase();
      const lines = table(cases, events);
      write(`${lines.join('\n')}\n`);
      height = lines.length;
    },
    received: () => undefined,
    done: () => (height = 0),
  };
}

function table(cases: readonly SubmittedCase[], events: readonly ReceivedEvent[]): string[] {
  const heads = Stage.options.map((stage) => stage.padEnd(15)).join('');
  const rows = cases.flatMap((one) =>
    one.uploads.map((upload, i) => {
      const cells = Stage.options.map((stage) => {
        if (!stagesOf(one, upload).includes(stage)) return marks.none.padEnd(15);
        const end = (['completed', 'failed'] as const).find((status) =>
          events.some(
            (event) =>
              event.uploadId === upload.id && event.eventName === `case.${stage}.${status}`,
          ),
        );
        return marks[end ?? 'waiting'].padEnd(15);
      });
      return `  ${(i === 0 ? one.externalId : '').padEnd(14)}${upload.kind.padEnd(20)}${cells.join('')}`;
    }),
  );
  const signed = events.filter((event) => event.signed).length;
  return [
    `  ${''.padEnd(34)}${heads}`,
    ...rows,
    `  ${events.length} deliveries received, ${signed} signatures verified`,
  ];
}
