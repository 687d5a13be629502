/**
 * A bound for every wait.
 */

/**
 * What some work on the network comes to; it is aborted when it takes longer.
 *
 * @param milliseconds - how long it may take
 * @throws a `TimeoutError` then, whatever the network calls it
 */
export async function withAbort<T>(
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<T>
): Promise<T> {
  const abort = new AbortController();
  const timer = setTimeout(() => {
    abort.abort();
  }, milliseconds);
  try {
    return await work(abort.signal);
  } catch (error) {
    throw abort.signal.aborted ? timeoutError('the server did not answer', milliseconds) : error;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The value of a promise, or a `TimeoutError`.
 *
 * @param milliseconds - how long it may take
 * @param what - what is said when it takes longer
 */
export async function withTimeout<T>(
  milliseconds: number,
  promise: Promise<T>,
  what: string
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const bound = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(timeoutError(what, milliseconds));
    }, milliseconds);
  });
  try {
    return await Promise.race([promise, bound]);
  } finally {
    clearTimeout(timer);
  }
}

function timeoutError(what: string, milliseconds: number): Error {
  const error = new Error(`${what} (${Math.round(milliseconds / 1000)} s)`);
  error.name = 'TimeoutError';
  return error;
}
