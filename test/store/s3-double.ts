import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { compareKeys } from '../../src/store/keys.ts';
import { collect } from '../../src/store/payload.ts';

/** How a request is spoiled. `after`: what was asked for is done nevertheless. */
export type Fault =
  | { readonly kind: 'reset'; readonly after: boolean }
  /** The client gets a reset now; the request is done when `landLate` is called. */
  | { readonly kind: 'late' }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly after: boolean;
      readonly headers?: Record<string, string>;
    }
  | { readonly kind: 'slow'; readonly ms: number }
  /** Half of the answer's body, then a reset. */
  | { readonly kind: 'cut' };

/** What the server gets wrong all the time. */
export interface Flaws {
  ignoresCondition?: boolean;
  ignoresRange?: boolean;
  /** A list does not show the newest object. */
  listsStale?: boolean;
  listsUnordered?: boolean;
  /** A missing key stays missing for as many readings as it was looked for. */
  remembersAbsence?: boolean;
  /** Stores the framing of an upload as its content. */
  storesFraming?: boolean;
  /** Milliseconds that its `Date` runs ahead of its `Last-Modified`. */
  clockError?: number;
}

interface Stored {
  readonly bytes: Uint8Array;
  readonly modified: number;
}

/** A small S3 server in this process, path style, without authentication, that can misbehave. */
export interface S3Double {
  readonly endpoint: string;
  readonly bucket: string;
  readonly objects: Map<string, Stored>;
  /** `METHOD key` of each request that came, in order; lists are `LIST prefix`. */
  readonly requests: string[];
  readonly flaws: Flaws;
  /** Spoils the next `times` requests of this method; the oldest matching fault acts. */
  fault(method: string, fault: Fault, times?: number): void;
  /** Does what late requests asked for; gives their statuses. */
  landLate(): number[];
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string | number>;
  readonly body?: Uint8Array | string;
}

const codes: Record<number, string> = {
  400: 'InvalidArgument',
  403: 'AccessDenied',
  404: 'NoSuchKey',
  409: 'ConditionalRequestConflict',
  412: 'PreconditionFailed',
  416: 'InvalidRange',
  429: 'TooManyRequests',
  500: 'InternalError',
  501: 'NotImplemented',
  503: 'SlowDown',
};

const refuse = (status: number, code = codes[status]): Answer => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>double</Message></Error>`,
});

export async function startS3Double(): Promise<S3Double> {
  const bucket = 'double';
  const objects = new Map<string, Stored>();
  const requests: string[] = [];
  const flaws: Flaws = {};
  const absences = new Map<string, number>();
  const faults: { method: string; fault: Fault; left: number }[] = [];
  const late: (() => number)[] = [];
  let newest: string | undefined;

  function put(key: string, bytes: Uint8Array, once: boolean): Answer {
    if (once && objects.has(key) && !flaws.ignoresCondition) return refuse(412);
    const framed = flaws.storesFraming ? Buffer.concat([Buffer.from('5;chunk\r\n'), bytes]) : bytes;
    objects.set(key, { bytes: framed, modified: Date.now() });
    newest = key;
    return { status: 200, headers: { etag: `"${createHash('md5').update(bytes).digest('hex')}"` } };
  }

  function get(key: string, range: string | undefined): Answer {
    const stored = objects.get(key);
    const hidden = absences.get(key) ?? 0;
    if (stored === undefined || (flaws.remembersAbsence && hidden > 0)) {
      absences.set(key, hidden + (stored === undefined ? 1 : -1));
      return refuse(404);
    }
    const headers = { 'last-modified': new Date(stored.modified).toUTCString(), etag: '"x"' };
    const [, start, end] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
    if (start === undefined || flaws.ignoresRange) return { status: 200, headers, body: stored.bytes };
    const size = stored.bytes.byteLength;
    if (Number(start) >= size) return refuse(416);
    const last = Math.min(end ? Number(end) : size - 1, size - 1);
    return {
      status: 206,
      headers: { ...headers, 'content-range': `bytes ${start}-${last}/${size}` },
      body: stored.bytes.subarray(Number(start), last + 1),
    };
  }

  function list(query: URLSearchParams): Answer {
    const prefix = query.get('prefix') ?? '';
    const delimiter = query.get('delimiter');
    const after = query.get('start-after') ?? '';
    const max = Math.min(Number(query.get('max-keys') ?? 1000), 1000);
    const names = new Map<string, Stored | undefined>();
    const keys = [...objects.keys()].filter((key) => !(flaws.listsStale && key === newest)).sort(compareKeys);
    if (flaws.listsUnordered) keys.reverse();
    for (const key of keys) {
      if (!key.startsWith(prefix) || (!flaws.listsUnordered && compareKeys(key, after) <= 0)) continue;
      const cut = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
      const name = cut === -1 ? key : key.slice(0, cut + 1);
      names.set(name, cut === -1 ? objects.get(key) : undefined);
    }
    const token = query.get('continuation-token');
    const from = token === null ? 0 : [...names.keys()].indexOf(token) + 1;
    const page = [...names].slice(from, from + max);
    const text = (value: string) => value.replace(/[&<>"\r]/g, (c) => `&#${c.charCodeAt(0)};`);
    const entries = page.map(([name, stored]) =>
      stored === undefined
        ? `<CommonPrefixes><Prefix>${text(name)}</Prefix></CommonPrefixes>`
        : `<Contents><Key>${text(name)}</Key><Size>${stored.bytes.byteLength}</Size>` +
          `<LastModified>${new Date(stored.modified).toISOString()}</LastModified></Contents>`,
    );
    const last = page.at(-1)?.[0];
    const more = names.size > from + page.length && last !== undefined;
    const next = more ? `<NextContinuationToken>${text(last)}</NextContinuationToken>` : '';
    return {
      status: 200,
      headers: { 'content-type': 'application/xml' },
      body: `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${entries.join('')}</ListBucketResult>`,
    };
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://double');
    const [, name, ...rest] = url.pathname.split('/');
    const key = decodeURIComponent(rest.join('/'));
    const isList = request.method === 'GET' && key === '';
    const method = isList ? 'LIST' : (request.method ?? '');
    const body = await collect(request);
    requests.push(`${method} ${isList ? url.searchParams.get('prefix') : key}`);

    function perform(): Answer {
      if (name !== bucket) return refuse(404, 'NoSuchBucket');
      if (method === 'PUT') return put(key, body, request.headers['if-none-match'] === '*');
      if (method === 'LIST') return list(url.searchParams);
      if (method === 'DELETE') {
        objects.delete(key);
        return { status: 204 };
      }
      return get(key, request.headers.range);
    }

    const rule = faults.find((candidate) => candidate.method === method && candidate.left > 0);
    if (rule !== undefined) rule.left--;
    const fault = rule?.fault;
    if (fault?.kind === 'slow') await delay(fault.ms);
    if (fault?.kind === 'late') {
      late.push(() => perform().status);
      request.socket.resetAndDestroy();
      return;
    }
    if (fault?.kind === 'reset') {
      if (fault.after) perform();
      request.socket.resetAndDestroy();
      return;
    }
    let answer: Answer;
    if (fault?.kind === 'status') {
      if (fault.after) perform();
      answer = { ...refuse(fault.status), headers: { 'content-type': 'application/xml', ...fault.headers } };
    } else {
      answer = perform();
    }
    const bytes = Buffer.from(answer.body ?? '');
    response.sendDate = false;
    response.writeHead(answer.status, {
      date: new Date(Date.now() + (flaws.clockError ?? 0)).toUTCString(),
      'content-length': bytes.byteLength,
      ...answer.headers,
    });
    if (fault?.kind === 'cut') response.write(bytes.subarray(0, bytes.byteLength / 2), () => request.socket.destroy());
    else response.end(method === 'HEAD' ? undefined : bytes);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy()); // the client is gone
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bucket,
    objects,
    requests,
    flaws,
    fault: (method, fault, times = 1) => void faults.push({ method, fault, left: times }),
    landLate: () => late.splice(0).map((land) => land()),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
