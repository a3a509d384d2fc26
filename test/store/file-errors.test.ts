import { describe, expect, it } from 'vitest';
import { CairnError } from '../../src/errors.ts';
import { errnoOf, fileError, linkError } from '../../src/store/file-errors.ts';

const failure = (code: string) => Object.assign(new Error(`${code}: it failed`), { code });

describe('errors of the file system', () => {
  it.each([
    ['ENOSPC', 'disk-full'],
    ['EDQUOT', 'disk-full'],
    ['EACCES', 'denied'],
    ['EPERM', 'denied'],
    ['EROFS', 'denied'],
    ['ENAMETOOLONG', 'unfit'],
    ['ENOTDIR', 'unfit'],
    ['EIO', 'unavailable'],
    ['EMFILE', 'unavailable'],
  ])('%s is %s', (code, expected) => {
    const cause = failure(code);
    expect(fileError(cause, 'write k')).toMatchObject({
      code: expected,
      message: `expected to write k, got ${code}: it failed`,
      hint: expect.any(String),
      cause,
    });
  });

  it.each([
    ['EPERM', 'unfit'],
    ['ENOTSUP', 'unfit'],
    ['EXDEV', 'unfit'],
    ['ENOSPC', 'disk-full'],
    ['EACCES', 'denied'],
  ])('%s from link(2) is %s', (code, expected) => {
    expect(linkError(failure(code), 'linking k')).toMatchObject({ code: expected });
  });

  it('leaves alone what is not of the file system', () => {
    const known = new CairnError('corrupt', 'half');
    const abort = Object.assign(new Error('stopped'), { code: 'ABORT_ERR' });
    const internal = Object.assign(new Error('wrong'), { code: 'ERR_INVALID_ARG_TYPE' });
    for (const error of [known, abort, internal, 'text', undefined]) {
      expect(fileError(error, 'x')).toBe(error);
      expect(linkError(error, 'x')).toBe(error);
      expect(errnoOf(error)).toBeUndefined();
    }
  });
});
