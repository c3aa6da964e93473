/** Brightness, one byte a pixel, row by row. */
export interface GreyImage {
  pixels: Uint8Array;
  width: number;
  height: number;
}

/** A rectangle in pixels: left and top are inside, right and bottom are not. */
export interface Area {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export const enclosing = (areas: readonly Area[]): Area => ({
  left: Math.min(...areas.map(({ left }) => left)),
  top: Math.min(...areas.map(({ top }) => top)),
  right: Math.max(...areas.map(({ right }) => right)),
  bottom: Math.max(...areas.map(({ bottom }) => bottom)),
});
