/**
 * Time limits for requests and promises.
 */

/**
 * Run a request and abort it after a time limit.
 *
 * @param milliseconds - time limit
 * @param request - starts the request with the signal that aborts it
 * @throws a `TimeoutError` after the time limit, whatever error the network reports
 */
export async function withAbort<T>(
  milliseconds: number,
  request: (signal: AbortSignal) => Promise<T>
): Promise<T> {
  const abort = new AbortController();
  const timer = setTimeout(() => {
    abort.abort();
  }, milliseconds);
  try {
    return await request(abort.signal);
  } catch (error) {
    throw abort.signal.aborted ? timeoutError('the server did not answer', milliseconds) : error;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Wait for a promise, or throw a `TimeoutError`.
 *
 * @param milliseconds - time limit
 * @param message - message of the error
 */
export async function withTimeout<T>(
  milliseconds: number,
  promise: Promise<T>,
  message: string
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(timeoutError(message, milliseconds));
    }, milliseconds);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function timeoutError(message: string, milliseconds: number): Error {
  const error = new Error(`${message} (${Math.round(milliseconds / 1000)} s)`);
  error.name = 'TimeoutError';
  return error;
}
