import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The part of nx's project graph that matters here. */
export interface ProjectGraph {
  nodes: Record<string, { data: { tags?: string[]; root: string } }>;
  dependencies: Record<string, { source: string; target: string }[]>;
}

// A composition uses other apps: the platform in one process, the command line.
const mayImport: Record<string, string[]> = {
  'type:app': ['type:lib'],
  'type:lib': ['type:lib'],
  'type:composition': ['type:app', 'type:composition', 'type:lib'],
};

/** Dependencies that the layout forbids: an app on an app, a lib on an app, or anything in a circle. */
export function forbiddenDependencies({ nodes, dependencies }: ProjectGraph): string[] {
  const typeOf = (project: string) =>
    nodes[project]?.data.tags?.find((tag) => tag.startsWith('type:')) ?? 'untagged';
  const edges = Object.values(dependencies)
    .flat()
    .filter(({ source, target }) => nodes[target] && source !== target);
  const wrong = edges
    .filter(({ source, target }) => !mayImport[typeOf(source)]?.includes(typeOf(target)))
    .map(({ source, target }) => `${source} -> ${target}`);
  const next = new Map<string, string[]>();
  for (const { source, target } of edges) next.set(source, [...(next.get(source) ?? []), target]);
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
    (next.get(from) ?? []).some(
      (one) => one === to || (!seen.has(one) && reaches(one, to, seen.add(one))),
    );
  const circular = edges
    .filter(({ source, target }) => reaches(target, source))
    .map(({ source, target }) => `circle: ${source} -> ${target}`);
  return [...new Set([...wrong, ...circular])];
}

// The broker is tested with the client that it is for.
const isTestSupport = (file: string) => file.endsWith('.spec.ts') || /\/test(ing)?\//.test(file);

/** Files outside the event log that import kafkajs. */
export function kafkajsImporters(root: string): string[] {
  return globSync('{apps,libs,tools}/**/*.ts', { cwd: root })
    .filter((file) => !file.startsWith('libs/event-log/') && !isTestSupport(file))
    .filter((file) =>
      /^(import|export)\b.*'kafkajs['/]/m.test(readFileSync(join(root, file), 'utf8')),
    );
}
