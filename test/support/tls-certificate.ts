/** Self-signed certificates for localhost, for tests alone: their keys are public. Valid from November 2026 for 100 years. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const pairs = {
  first: {
    cert: `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUTNHCkgMMAMSml5e9tXBOJc0fbfkwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzA3MDIyMFoYDzIxMjYxMDMw
MDcwMjIwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARO7msPYagF/0jBwgatSX92hMDAhRbQD4mR8T3K76J/2waxkDsb/Dft
vapIsuXT37gVbY64Tmd6w4CiUdxAN02go28wbTAdBgNVHQ4EFgQUk+P+CRFoFl7J
4hGqImj4HIkAYqcwHwYDVR0jBBgwFoAUk+P+CRFoFl7J4hGqImj4HIkAYqcwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIgPAXwLWvbI9meQ8bmXJ1N9bHmlTtAx9g2JyLEkAT8SkICIQD5
CuEgRi1VujiexUteoI+zANC0f+L+gttrF8Kuon7Hwg==
-----END CERTIFICATE-----\n`,
    key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg5PnYl0A2PlcoDz3f
oknZzHeUwYsVkSqASXu7mBJ/L4ChRANCAARO7msPYagF/0jBwgatSX92hMDAhRbQ
D4mR8T3K76J/2waxkDsb/DftvapIsuXT37gVbY64Tmd6w4CiUdxAN02g
-----END PRIVATE KEY-----\n`,
  },
  second: {
    cert: `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUBikC5PlmXJTY7kceldm/IAMvJXcwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzA3MDIyMFoYDzIxMjYxMDMw
MDcwMjIwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARG/y1J7lzKEWpqvPw/aJHzN8ZTJX5aKn+y2TtEf7PJUYE8qQ/ekTpl
ruc1lHYG0/gWVcWENnQP++S4/it3rhBro28wbTAdBgNVHQ4EFgQUkkzW7DfmiDUR
p05I9VPGoL7BPRYwHwYDVR0jBBgwFoAUkkzW7DfmiDURp05I9VPGoL7BPRYwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIhAIbZqxLwPNgyEqw90WlcWZNwdR0aTLknZ7f3d+UEqGPeAiAt
O3imhyjw/iaFo2/10/ZEfL7MbF0YNtbULUsFWlDY5A==
-----END CERTIFICATE-----\n`,
    key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgssTH+SLge9+i1M0L
uzZCt1fboEX8aqhLTvKKYcFHAwahRANCAARG/y1J7lzKEWpqvPw/aJHzN8ZTJX5a
Kn+y2TtEf7PJUYE8qQ/ekTplruc1lHYG0/gWVcWENnQP++S4/it3rhBr
-----END PRIVATE KEY-----\n`,
  },
} as const;

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** @returns the paths of the pair's files in the folder. */
export function writeCertificate(folder: string, pair: keyof typeof pairs = 'first'): CertificateFiles {
  const files = { cert: join(folder, `${pair}-cert.pem`), key: join(folder, `${pair}-key.pem`) };
  writeFileSync(files.cert, pairs[pair].cert);
  writeFileSync(files.key, pairs[pair].key, { mode: 0o600 });
  return files;
}
