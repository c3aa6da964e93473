/** An uncompressed picture: `channels` bytes a pixel, row by row. */
export interface PixelRaster {
  pixels: Uint8Array;
  width: number;
  height: number;
  channels: 1 | 3;
}
