/** A fenced block of a page. */
export interface Block {
  /** What is written behind the fence, such as `sh`. */
  language: string;
  text: string;
}

/** The fenced blocks of a Markdown page, from top to bottom. */
export const blocksOf = (page: string): Block[] =>
  [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({
    language: language!,
    text: text!,
  }));

/** The relative links of a Markdown page, without the part behind #. */
export const linksOf = (page: string): string[] =>
  [...page.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g)]
    .map(([, link, attribute]) => (link ?? attribute!).replace(/#.*$/, ''))
    .filter((link) => link !== '' && !/^[a-z]+:/.test(link));
