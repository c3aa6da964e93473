/** Groups of adjacent marked cells of a grid, each cell by its position `y * columns + x`. */
export function regions(marked: readonly boolean[], columns: number): number[][] {
  const seen = new Uint8Array(marked.length);
  const found: number[][] = [];
  for (const [start, isMarked] of marked.entries()) {
    if (!isMarked || seen[start]) continue;
    const region: number[] = [];
    const open = [start];
    seen[start] = 1;
    for (let cell = open.pop(); cell !== undefined; cell = open.pop()) {
      region.push(cell);
      const x = cell % columns;
      const neighbours = [
        cell - columns,
        cell + columns,
        ...(x > 0 ? [cell - 1] : []),
        ...(x < columns - 1 ? [cell + 1] : []),
      ];
      for (const next of neighbours) {
        if (marked[next] && !seen[next]) {
          seen[next] = 1;
          open.push(next);
        }
      }
    }
    found.push(region);
  }
  return found;
}
