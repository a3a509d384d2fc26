import type { Host } from '../../src/app.ts';

/** A host whose user has this home and nothing else. */
export function hostOf(home: string): Host {
  const credentials = Object.entries(process.env).filter(([name]) => name.startsWith('AWS_'));
  return {
    env: { HOME: home, ...Object.fromEntries(credentials) },
    home,
    cwd: home,
    machine: 'sdk-host',
    login: 'dev',
    uid: process.getuid?.(),
    platform: process.platform,
  };
}
