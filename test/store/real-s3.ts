/**
 * The URL of a real S3 server for tests, with `folder` as a prefix of its own; `undefined` where none is
 * set: `CAIRN_TEST_S3` (a bucket URL), or `AWS_ENDPOINT_URL_S3` and `CAIRN_TEST_S3_BUCKET` as
 * `test/rgw/ceph-rgw.sh` prints them.
 */
export function realS3Url(folder: string): string | undefined {
  const { CAIRN_TEST_S3, CAIRN_TEST_S3_BUCKET: bucket, AWS_ENDPOINT_URL_S3: endpoint } = process.env;
  const url = CAIRN_TEST_S3 ?? (bucket && endpoint && `s3://${bucket}?endpoint=${encodeURIComponent(endpoint)}`);
  if (!url) return undefined;
  const parsed = new URL(url);
  parsed.pathname = `${parsed.pathname.replace(/\/$/, '')}/${folder}`;
  return parsed.href;
}
