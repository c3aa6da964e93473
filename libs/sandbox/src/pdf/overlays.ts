import type { PageBox, PdfObject } from './page-contents.ts';

/** A shape or an image that is painted over text. */
export interface Overlay {
  box: PageBox;
  /** The covered text and its places. */
  hidden: string;
  hiddenBoxes: PageBox[];
  /** The text that is painted on top; empty where there is none. */
  retyped: string;
  hiddenFont: string;
  retypedFont: string;
}

/** A larger cover is a background: a fraction of the page. */
const maximumArea = 0.5;
/** Tolerance of boxes, as a fraction of the page. */
const tolerance = 0.003;

const inside = (inner: PageBox, outer: PageBox): boolean =>
  inner[0] >= outer[0] - tolerance &&
  inner[1] >= outer[1] - tolerance &&
  inner[2] <= outer[2] + tolerance &&
  inner[3] <= outer[3] + tolerance;

const overlap = (a: PageBox, b: PageBox): number => {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  return width > 0 && height > 0 ? width * height : 0;
};

const areaOf = (box: PageBox) => (box[2] - box[0]) * (box[3] - box[1]);

/** Opaque shapes and images that are painted over text, with the text that is painted on top of them. */
export function overlays(objects: readonly PdfObject[]): Overlay[] {
  return objects.flatMap((cover, index) => {
    if (!isOpaque(cover) || areaOf(cover.box) > maximumArea) return [];
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
