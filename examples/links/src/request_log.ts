/** One line a request, on standard error. */
export function logRequest(request: Request): void {
  console.error(`[links debug] ${request.method} ${new URL(request.url).pathname}`);
}
