/** Keeps the tables of a Markdown page as the model computes them: each stands between two marks with its name. */

const opening = (name: string): string => `<!-- table: ${name} -->`;
const closing = '<!-- end -->';

export type PageTables = Readonly<Record<string, string>>;

/** @returns the page with every table replaced. @throws Error for a mark without its table, or a table without its mark. */
export function fillPage(page: string, tables: PageTables): string {
  const used = new Set<string>();
  const filled = page.replace(/<!-- table: ([\w-]+) -->[\s\S]*?<!-- end -->/g, (_, name: string) => {
    const table = tables[name];
    if (table === undefined) throw new Error(`The page asks for a table ${name}, which there is not.`);
    used.add(name);
    return `${opening(name)}\n\n${table}\n\n${closing}`;
  });
  const unused = Object.keys(tables).filter((name) => !used.has(name));
  if (unused.length > 0) throw new Error(`The page has no place for the tables ${unused.join(', ')}.`);
  return filled;
}

/** What stands in the page under that name; null when there is no such mark. */
export function tableIn(page: string, name: string): string | null {
  const start = page.indexOf(opening(name));
  if (start < 0) return null;
  const from = start + opening(name).length;
  return page.slice(from, page.indexOf(closing, from)).trim();
}
