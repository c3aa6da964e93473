import { between, type Random } from './random.ts';
import { decode, type Raster, toJpeg } from './raster.ts';

type Box = [number, number, number, number];
type Area = { left: number; top: number; width: number; height: number };

const pixels = (raster: Raster, [left, top, right, bottom]: Box): Area => ({
  left: Math.round(left * raster.width),
  top: Math.round(top * raster.height),
  width: Math.round((right - left) * raster.width),
  height: Math.round((bottom - top) * raster.height),
});

const fractions = (raster: Raster, area: Area): Box => [
  area.left / raster.width,
  area.top / raster.height,
  (area.left + area.width) / raster.width,
  (area.top + area.height) / raster.height,
];

/** Copies an area of the page, with its noise, to another place on the page. */
export function copyMove(raster: Raster, from: Box, random: Random): { raster: Raster; box: Box } {
  const area = pixels(raster, from);
  const left = area.left + between(random, 3, 20);
  const top = area.top + area.height + between(random, 8, 16);
  const data = Buffer.from(raster.data);
  for (let y = 0; y < area.height; y++) {
    const source = ((area.top + y) * raster.width + area.left) * 3;
    raster.data.copy(data, ((top + y) * raster.width + left) * 3, source, source + area.width * 3);
  }
  return { raster: { ...raster, data }, box: fractions(raster, { ...area, left, top }) };
}

/** Puts a part of a clean raster over the scan: this part lacks the noise of the scan. */
export function patch(raster: Raster, clean: Raster, at: Box): { raster: Raster; box: Box } {
  const area = grow(raster, pixels(raster, at), 12);
  const data = Buffer.from(raster.data);
  for (let y = 0; y < area.height; y++) {
    for (let x = 0; x < area.width; x++) {
      const target = ((area.top + y) * raster.width + area.left + x) * 3;
      for (let c = 0; c < 3; c++) data[target + c] = clean.data[target + c]!;
    }
  }
  return { raster: { ...raster, data }, box: fractions(raster, area) };
}

/** Saves one area as JPEG of low quality and puts it back, like a part that was pasted from another JPEG. */
export async function resave(raster: Raster, at: Box): Promise<{ raster: Raster; box: Box }> {
  const area = grow(raster, pixels(raster, at), 24);
  const cut = Buffer.alloc(area.width * area.height * 3);
  const rows = (copy: (cutOffset: number, pageOffset: number) => void) => {
    for (let y = 0; y < area.height; y++) {
      copy(y * area.width * 3, ((area.top + y) * raster.width + area.left) * 3);
    }
  };
  rows((to, from) => raster.data.copy(cut, to, from, from + area.width * 3));
  const saved = await toJpeg({ ...raster, data: cut, width: area.width, height: area.height }, 45);
  const again = await decode(saved, raster.dpi);
  const data = Buffer.from(raster.data);
  rows((from, to) => again.data.copy(data, to, from, from + area.width * 3));
  return { raster: { ...raster, data }, box: fractions(raster, area) };
}

function grow(raster: Raster, area: Area, by: number): Area {
  const left = Math.max(0, area.left - by);
  const top = Math.max(0, area.top - by);
  const right = Math.min(raster.width, area.left + area.width + by);
  const bottom = Math.min(raster.height, area.top + area.height + by);
  return { left, top, width: right - left, height: bottom - top };
}
