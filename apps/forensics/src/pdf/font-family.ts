/** The family of a font: without a subset's prefix, its weight and slant, and what foundries append. */
export const fontFamily = (name: string): string =>
  name
    .replace(/^[A-Z]{6}\+/, '')
    .replace(/[-,].*$/, '')
    .replace(/(PS|MT)+$/, '');
