/** Which bucket of which object store is meant, as an admin writes it: `s3://bucket/prefix?endpoint=…&region=…`. */
import { ParleyError } from '../../../protocol/index.ts';

export interface S3Place {
  readonly bucket: string;
  /** Before every key: empty, or ending in a slash. */
  readonly prefix: string;
  readonly region: string;
  /** The bucket's own address, without a slash at its end: paths of keys follow it. */
  readonly base: string;
}

const parameters = new Set(['endpoint', 'region', 'style']);
const defaultRegion = 'us-east-1';

/**
 * `endpoint` is the store's address (Amazon's by default), `region` as the store calls it, `style` is `path` (the bucket in
 * the path, as most stores of one's own take it; the default with an endpoint) or `host` (the bucket in the host's name).
 * @throws ParleyError `bad_request` with one line for the admin.
 */
export function parseS3Url(written: string): S3Place {
  const url = URL.parse(written);
  if (url?.protocol !== 's3:') throw wrong('It begins with s3:// and the name of the bucket');
  const unknown = [...url.searchParams.keys()].find((name) => !parameters.has(name));
  if (unknown !== undefined) throw wrong(`It takes endpoint, region and style, and not "${unknown}"`);
  if (url.username !== '' || url.password !== '') throw wrong('Keys go into the settings s3AccessKey and s3SecretKey');
  const bucket = url.hostname;
  if (!/^[a-zA-Z0-9][a-zA-Z0-9._-]{1,254}$/.test(bucket)) throw wrong(`"${bucket}" is no name of a bucket`);
  const path = decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, '');
  const region = url.searchParams.get('region') ?? defaultRegion;
  const endpoint = url.searchParams.get('endpoint');
  const style = url.searchParams.get('style') ?? (endpoint === null ? 'host' : 'path');
  if (style !== 'path' && style !== 'host') throw wrong('style is path or host');
  return {
    bucket,
    prefix: path === '' ? '' : `${path}/`,
    region,
    base: baseOf(parseEndpoint(endpoint ?? `https://s3.${region}.amazonaws.com`), bucket, style),
  };
}

function parseEndpoint(written: string): URL {
  const url = URL.parse(written);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw wrong(`endpoint is an address such as https://s3.example.org, and not "${written}"`);
  }
  return url;
}

function baseOf(endpoint: URL, bucket: string, style: 'path' | 'host'): string {
  const path = endpoint.pathname.replace(/\/+$/, '');
  if (style === 'path') return `${endpoint.origin}${path}/${bucket}`;
  return `${endpoint.protocol}//${bucket}.${endpoint.host}${path}`;
}

function wrong(what: string): ParleyError {
  return new ParleyError('bad_request', {
    message: `The address of the object store cannot be used: ${what}. An example: s3://bucket/prefix?endpoint=https://s3.example.org&region=eu-central-1`,
    field: 'blobs',
  });
}
