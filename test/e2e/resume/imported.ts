import type { Agent } from '../agents/agent.ts';
import { succeeded } from '../cairn.ts';
import { apartCues, goApart } from './apart.ts';
import { type Check, check, heads, Lab, parts, seen } from './computer.ts';

const cues = ['CUE-ON-B', 'CUE-ON-A', ...apartCues, 'CUE-OWN'];

/** The same for an agent that takes sessions by its own import, where it has sessions of its own already. */
export async function* importElsewhere(agent: Agent, folder: string, bucket?: string): AsyncGenerator<Check> {
  const lab = await Lab.open(agent, [], folder, cues, bucket);
  try {
    const [a, b, c] = [await lab.computer('a'), await lab.computer('b'), await lab.computer('c')];
    const { session } = await lab.record(a);
    await succeeded(a.cairn.mirror());
    await lab.native(b, 'own-session', 'CUE-OWN');

    const onB = await lab.ask(b, session, 'CUE-ON-B');
    yield check('B imports and goes on: the model is asked with the turns of A', onB, ['CUE-TOOLS', 'CUE-AGAIN']);
    yield await parts('what B imported is not shipped again', b, 2); // its turn, and its own session
    const own = await lab.ask(b, 'own-session', 'CUE-OWN');
    yield check('the session that was there is as it was', own, ['Answer to CUE-OWN'], ['CUE-TOOLS']);
    const onA = await lab.ask(a, session, 'CUE-ON-A');
    yield check('A goes on: the model is asked with the turns of B', onA, ['CUE-TOOLS', 'Answer to CUE-ON-B']);
    await succeeded(a.cairn.mirror());
    yield await heads('one session, one head, after both', a, session, 1);
    const again = await lab.ask(b, session, 'CUE-ON-B');
    yield check('B goes on again: the model is asked with the turns of A', again, ['Answer to CUE-ON-A']);
    await succeeded(b.cairn.mirror());
    const onC = await lab.ask(c, session, 'CUE-ON-A', '--to', `${c.place.folder}/elsewhere`);
    yield check('into a folder of its own', onC, ['CUE-TOOLS', 'CUE-ON-A']);

    yield* goApart(lab, a, b, session);
    for (const host of [a, b]) {
      const { exit, stderr } = await host.cairn.verify(session);
      yield seen('verified in the end', exit === 0, { exit, stderr });
    }
  } finally {
    await lab.close();
  }
}
