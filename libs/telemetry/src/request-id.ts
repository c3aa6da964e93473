import { AsyncLocalStorage } from 'node:async_hooks';

const requests = new AsyncLocalStorage<{ id: string | undefined }>();

/**
 * Runs the work of a request: its log lines have the request's id. The id ends with the work, since objects that outlive a request,
 * such as a database connection, do not belong to it any more.
 */
export async function withRequestId<T>(requestId: string, work: () => Promise<T>): Promise<T> {
  const request: { id: string | undefined } = { id: requestId };
  try {
    return await requests.run(request, work);
  } finally {
    request.id = undefined;
  }
}

/** The id of the request whose work is running; undefined outside of a request. */
export const currentRequestId = (): string | undefined => requests.getStore()?.id;
