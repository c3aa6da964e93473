/** Left, top, right, bottom as fractions of the page as it is displayed. */
export type PageBox = [number, number, number, number];

/** A word of the text layer. */
export interface PdfWord {
  text: string;
  box: PageBox;
  /** Name of the font and its size in points. */
  font: { name: string; size: number };
}

/** A painted object of a page. */
export interface PdfObject {
  kind: 'text' | 'path' | 'image' | 'other';
  box: PageBox;
  text: string;
  font: string;
  /** Red, green, blue, alpha, each 0 to 255; null where nothing is filled. */
  fill: [number, number, number, number] | null;
  /** Text that is not painted (ISO 32000-2, 9.3.6, mode 3). */
  invisible: boolean;
}
