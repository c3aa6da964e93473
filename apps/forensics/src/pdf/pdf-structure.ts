/** The history of a PDF by its bytes (ISO 32000-2, 7.5). */
export interface PdfStructure {
  /** Ends of all revisions but the last, as offsets into the file. */
  earlierEnds: number[];
  /** Bytes after the last end-of-file marker. */
  trailing: number;
  /** Contents that act by themselves or contain files: JavaScript, Launch, EmbeddedFile. */
  active: string[];
  /** The tool that XMP names, or null. */
  xmpTool: string | null;
}

const endMarker = '%%EOF';
const activeContents: Record<string, RegExp> = {
  JavaScript: /\/(JavaScript|JS)\b/,
  Launch: /\/Launch\b/,
  EmbeddedFile: /\/EmbeddedFile\b/,
};

/** Reads the structure from the bytes alone: it includes parts that viewers skip. */
export function pdfStructure(bytes: Buffer): PdfStructure {
  const text = bytes.toString('latin1');
  const ends = [...text.matchAll(/startxref\s+(\d+)\s+%%EOF/g)]
    // A linearised file begins with a table of its own, whose entry is 0.
    .filter((match) => match[1] !== '0')
    .map((match) => match.index + match[0].length);
  const linearized = /\/Linearized\s+1/.test(text.slice(0, 2048));
  const last = text.lastIndexOf(endMarker);
  const rest = last < 0 ? '' : text.slice(last + endMarker.length);
  return {
    earlierEnds: ends.slice(linearized && ends.length > 1 ? 1 : 0, -1),
    trailing: rest.trim() === '' || /^\s*\0*\s*$/.test(rest) ? 0 : rest.length,
    active: Object.entries(activeContents)
      .filter(([, pattern]) => pattern.test(text))
      .map(([name]) => name),
    xmpTool: /<xmp:CreatorTool>([^<]{1,200})/.exec(text)?.[1] ?? null,
  };
}
