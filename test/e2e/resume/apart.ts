import { succeeded } from '../cairn.ts';
import { type Check, type Computer, check, heads, type Lab, seen } from './computer.ts';

/** What `goApart` asks the agents. */
export const apartCues = ['CUE-APART-A', 'CUE-APART-B', 'CUE-FORKED'];

/** Two hosts that have a session of A go on with it, each by itself. */
export async function* goApart(lab: Lab, a: Computer, b: Computer, session: string): AsyncGenerator<Check> {
  await succeeded(a.cairn.command('session', 'resume', session));
  await lab.native(a, session, 'CUE-APART-A');
  await lab.native(b, session, 'CUE-APART-B');
  await succeeded(b.cairn.mirror());
  const refused = await lab.ask(a, session, 'CUE-ON-A');
  yield seen('diverged: refused', refused.exit === 1 && refused.asked === '[]', refused);
  const forked = await lab.ask(a, session, 'CUE-FORKED', '--fork');
  yield check('diverged: --fork goes on beside it', forked, ['Answer to CUE-APART-B', 'CUE-FORKED']);
  await succeeded(a.cairn.mirror());
  yield await heads('diverged: both are kept as heads', a, session, 2);
}
