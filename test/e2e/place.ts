import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where an agent lives during an exercise: nothing of the developer's own home is seen or touched. */
export interface Place {
  readonly folder: string;
  readonly home: string;
  /** The agent's working directory; it holds the picture `dot.png`. */
  readonly project: string;
}

/** A picture of one transparent pixel. */
const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

export async function makePlace(folder: string): Promise<Place> {
  const place = { folder, home: join(folder, 'home'), project: join(folder, 'project') };
  await mkdir(join(place.home, 'tmp'), { recursive: true });
  await mkdir(place.project, { recursive: true });
  await writeFile(join(place.project, 'dot.png'), Buffer.from(dot, 'base64'));
  return place;
}

/** What every program gets of the surroundings: none of the developer's settings or keys. */
export function baseEnvironment(home: string): NodeJS.ProcessEnv {
  return { HOME: home, TMPDIR: join(home, 'tmp'), PATH: process.env.PATH, LANG: 'C.UTF-8', TERM: 'xterm' };
}
