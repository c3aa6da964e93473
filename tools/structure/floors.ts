import { importsOf, shippedFiles } from './source-files.ts';

const app = 'apps/webhook-delivery/src/';

/**
 * The floors of webhook-delivery, from the bottom. A file imports only from its own folder and from the floors below; the
 * folders of one floor do not know each other.
 */
const floors: readonly (readonly string[])[] = [
  ['config.ts', 'migrations/', 'model/'],
  ['metrics/', 'registry/'],
  ['engine/egress/', 'engine/delivery-events/'],
  ['engine/store/'],
  ['engine/dispatch/'],
  ['engine/'],
  ['intake/', 'notifications/'],
  ['api/', 'reconciler/'],
  ['maintenance.ts'],
  ['service.ts'],
  ['index.ts', 'main.ts'],
];

interface Place {
  floor: number;
  room: string;
}

function placeOf(file: string): Place | undefined {
  if (!file.startsWith(app)) return undefined;
  const path = file.slice(app.length);
  const rooms = floors.flatMap((list, floor) => list.map((room) => ({ floor, room })));
  return rooms
    .filter(({ room }) => path.startsWith(room))
    .toSorted((a, b) => b.room.length - a.room.length)[0];
}

/** Imports of webhook-delivery that lead up, or sideways, and files that are on no floor. */
export function wrongArrows(root: string): string[] {
  return shippedFiles(root)
    .filter((file) => file.startsWith(app))
    .flatMap((file) => {
      const from = placeOf(file);
      if (!from) return [`${file} is on no floor`];
      return importsOf(root, file, new Map())
        .filter((target) => {
          const to = placeOf(target);
          if (!to || to.room === from.room) return false;
          return from.room === 'engine/' && to.room.startsWith('engine/')
            ? false
            : to.floor >= from.floor;
        })
        .map((target) => `${file} -> ${target}`);
    });
}
