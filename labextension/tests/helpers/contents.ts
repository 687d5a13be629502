/**
 * The contents API in memory, as far as a save, its verification and a rescue copy need it.
 */

export interface IFile {
  content: unknown;
  /** Hash of the content; that of the real server is of the bytes. */
  hash: string;
  last_modified: string;
  writable: boolean;
  type?: unknown;
  format?: unknown;
}

export class FakeContents {
  readonly files = new Map<string, IFile>();
  /** Requests as `METHOD path?query`, in order. */
  readonly log: string[] = [];
  /** Whether to send hashes; jupyter_server before 2.11 does not. */
  tellsHashes = true;
  /** Whether to never respond. */
  isSilent = false;
  /** Responds in place of the contents API, unless it returns `null`. */
  instead: (method: string, path: string, query: URLSearchParams) => Response | null = () => null;

  /** Write a file to disk like another program. */
  write(path: string, content: unknown, over: Partial<IFile> = {}): IFile {
    this.writes += 1;
    const file: IFile = {
      content: structuredClone(content),
      hash: `hash of ${JSON.stringify(content)}`,
      last_modified: new Date(Date.UTC(2026, 10, 23, 14, 0, this.writes)).toISOString(),
      writable: true,
      ...over
    };
    this.files.set(path, file);
    return file;
  }

  async answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const path = decodeURIComponent(url.pathname.slice('/api/contents/'.length));
    // Without the parameter that JupyterLab adds to bypass caches.
    this.log.push(`${request.method} ${path}${url.search.replace(/[?&]\d+$/, '')}`);
    if (this.isSilent) {
      return new Promise((_, reject) => {
        request.signal.addEventListener('abort', () => {
          reject(new DOMException('aborted', 'AbortError'));
        });
      });
    }
    const instead = this.instead(request.method, path, url.searchParams);
    if (instead) {
      return instead;
    }
    const body =
      request.method === 'GET' ? {} : ((await request.json()) as Record<string, unknown>);
    const file = this.files.get(path);
    if (request.method === 'PUT') {
      const { content, type, format } = body;
      return Response.json(this.write(path, content, { type, format }));
    }
    if (!file) {
      return new Response('', { status: 404 });
    }
    if (request.method === 'PATCH') {
      const to = String(body.path);
      if (this.files.has(to)) {
        return Response.json({ message: `File already exists: ${to}` }, { status: 409 });
      }
      this.files.delete(path);
      this.files.set(to, file);
    }
    const answer: Partial<IFile> = { ...file };
    if (!this.tellsHashes) {
      delete answer.hash;
    }
    if (url.searchParams.get('content') === '0') {
      answer.content = null;
    }
    return Response.json(answer);
  }

  private writes = 0;
}
