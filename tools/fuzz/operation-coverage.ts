/** The part of an OpenAPI document that says which operations there are. */
export interface OperationsDocument {
  paths: Record<string, Record<string, unknown>>;
}

export interface Exchanged {
  method: string;
  /** With or without an origin and a query. */
  url: string;
  status: number;
}

export interface CoveredOperation {
  /** Such as `POST /partner/v1/cases/{id}/cancel`. */
  operation: string;
  requests: number;
  /** With a status 2xx. */
  accepted: number;
}

const methods = ['get', 'post', 'put', 'patch', 'delete'];

/** How many requests each operation of a document got, and how many it accepted. */
export function operationCoverage(
  { paths }: OperationsDocument,
  exchanged: readonly Exchanged[],
): CoveredOperation[] {
  const seen = exchanged.map(({ url, ...rest }) => ({ ...rest, path: pathOf(url) }));
  return Object.entries(paths).flatMap(([path, operations]) => {
    return methods
      .filter((method) => operations[method] !== undefined)
      .map((method) => {
        const own = seen.filter(
          (one) => one.method.toLowerCase() === method && matches(one.path, path),
        );
        return {
          operation: `${method.toUpperCase()} ${path}`,
          requests: own.length,
          accepted: own.filter(({ status }) => status >= 200 && status < 300).length,
        };
      });
  });
}

const pathOf = (url: string): string => url.replace(/^https?:\/\/[^/]*/, '').split(/[?#]/)[0]!;

/** A parameter is one segment. */
function matches(path: string, template: string): boolean {
  const [segments, expected] = [path.split('/'), template.split('/')];
  return (
    segments.length === expected.length &&
    expected.every((one, i) => one.startsWith('{') || one === segments[i])
  );
}
