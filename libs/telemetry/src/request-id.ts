import { AsyncLocalStorage } from 'node:async_hooks';

const requests = new AsyncLocalStorage<{ id: string | undefined }>();

/**
 * Runs the work of a request: what is logged in it carries the request's id. It ends with the work, since what a request
 * opened and left to others, such as a connection to the database, is no longer about that request.
 */
export async function withRequestId<T>(requestId: string, work: () => Promise<T>): Promise<T> {
  const request: { id: string | undefined } = { id: requestId };
  try {
    return await requests.run(request, work);
  } finally {
    request.id = undefined;
  }
}

export const currentRequestId = (): string | undefined => requests.getStore()?.id;
