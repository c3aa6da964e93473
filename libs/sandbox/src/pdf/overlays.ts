import type { PdfObject } from './pdf-page.ts';

type Box = PdfObject['box'];

/** Something painted over text. */
export interface Overlay {
  box: Box;
  /** The text that cannot be seen any more, and where it stands. */
  hidden: string;
  hiddenBoxes: Box[];
  /** What was typed on top of it. */
  retyped: string;
  hiddenFont: string;
  retypedFont: string;
}

const largest = 0.5;
const slack = 0.003;

const inside = (inner: Box, outer: Box): boolean =>
  inner[0] >= outer[0] - slack &&
  inner[1] >= outer[1] - slack &&
  inner[2] <= outer[2] + slack &&
  inner[3] <= outer[3] + slack;

const overlap = (a: Box, b: Box): number => {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  return width > 0 && height > 0 ? width * height : 0;
};

const areaOf = (box: Box) => (box[2] - box[0]) * (box[3] - box[1]);

/** Opaque shapes and images that were painted after text which they cover, with what was then typed onto them. */
export function overlays(objects: readonly PdfObject[]): Overlay[] {
  return objects.flatMap((cover, index) => {
    if (!isOpaque(cover) || areaOf(cover.box) > largest) return [];
    const hidden = objects
      .slice(0, index)
      .filter((text) => isText(text) && inside(text.box, cover.box));
    if (hidden.length === 0) return [];
    const retyped = objects
      .slice(index + 1)
      .filter((text) => isText(text) && overlap(text.box, cover.box) > areaOf(text.box) * 0.6);
    return [
      {
        box: cover.box,
        hidden: textOf(hidden),
        hiddenBoxes: hidden.map((text) => text.box),
        retyped: textOf(retyped),
        hiddenFont: hidden[0]!.font,
        retypedFont: retyped[0]?.font ?? '',
      },
    ];
  });
}

const isText = ({ kind, text, invisible }: PdfObject) =>
  kind === 'text' && !invisible && text.trim() !== '';

const isOpaque = ({ kind, fill }: PdfObject) =>
  kind === 'image' || (kind === 'path' && fill !== null && fill[3] > 200);

const textOf = (objects: readonly PdfObject[]) =>
  objects
    .map(({ text }) => text.trim())
    .join(' ')
    .slice(0, 200);
