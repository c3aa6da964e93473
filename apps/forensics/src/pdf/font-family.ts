/** The family of a font: its name without the prefix of a subset, weight, slant and the suffixes of foundries. */
export const fontFamily = (name: string): string =>
  name
    .replace(/^[A-Z]{6}\+/, '')
    .replace(/[-,].*$/, '')
    .replace(/(PS|MT)+$/, '');
