import { randomUUID } from 'node:crypto';
import { describe, onTestFinished } from 'vitest';
import { openSessionStore } from '../../src/app-session-store.ts';
import { User } from '../cli/cairn.ts';
import { realS3Url } from '../store/real-s3.ts';
import { sessionStoreContract } from './contract.ts';
import { hostOf } from './host.ts';

async function open(url: (home: string) => string, encrypted: boolean) {
  const user = await User.create();
  const bucket = url(user.home);
  if (encrypted) {
    user.env = { ...process.env, ...user.env, CAIRN_BUCKET: bucket };
    await user.run('init', bucket, '--encrypt', '--yes');
  }
  const store = await openSessionStore({ bucket }, hostOf(user.home));
  onTestFinished(() => store.close());
  return store;
}

describe.each([
  ['directory', (home: string) => `file://${home}/bucket`],
  ['real S3', realS3Url('session-store') && (() => realS3Url(`session-store/${randomUUID()}`) ?? '')],
])('session store on %s', (_, url) => {
  describe.skipIf(!url).each([
    ['plain', false],
    ['encrypted', true],
  ])('%s', (__, encrypted) => {
    sessionStoreContract(() => open(url || (() => ''), encrypted));
  });
});
