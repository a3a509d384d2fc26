import type { Agent } from '../agents/agent.ts';
import { succeeded } from '../cairn.ts';
import { apartCues, goApart } from './apart.ts';
import { type Check, check, heads, Lab, parts, seen } from './computer.ts';

const cues = ['CUE-ON-B', 'CUE-ON-A', 'CUE-ON-C', ...apartCues, 'CUE-OTHER', 'CUE-CUT'];

/**
 * Records an agent on host A, goes on with its sessions on hosts B and C, which have homes, folders and paths of
 * their own and share only the bucket, then on A again: told by what the model was asked.
 */
export async function* resumeElsewhere(
  agent: Agent,
  other: Agent,
  folder: string,
  bucket?: string,
): AsyncGenerator<Check> {
  const lab = await Lab.open(agent, [other], folder, cues, bucket);
  try {
    const [a, b, c] = [await lab.computer('a'), await lab.computer('b'), await lab.computer('c')];
    const { session, fork } = await lab.record(a);
    await succeeded(a.cairn.mirror());
    const earlier = agent.harness === 'codex' ? 'CUE-FULL' : 'CUE-AFTER';

    const onB = await lab.ask(b, session, 'CUE-ON-B');
    yield check('B goes on: the model is asked with the turns of A', onB, [earlier, 'CUE-ON-B']);
    yield await parts('what B restored is not shipped again', b, 1);
    const onA = await lab.ask(a, session, 'CUE-ON-A');
    yield check('A goes on: the model is asked with the turns of B', onA, [earlier, 'CUE-ON-B', 'Answer to CUE-ON-B']);
    await succeeded(a.cairn.mirror());
    yield await heads('one session, one head, after both', a, session, 1);
    const again = await lab.ask(b, session, 'CUE-ON-B');
    yield check('B goes on again: the model is asked with the turns of A', again, ['Answer to CUE-ON-A']);
    await succeeded(b.cairn.mirror());

    const onC = await lab.ask(c, fork, 'CUE-ON-C');
    yield check('a fork, restored with its base', onC, ['CUE-FORK', 'CUE-ON-C']);

    const converted = await lab.askIn(c, session, other, 'CUE-OTHER');
    yield check(`converted, and gone on with in ${other.harness}`, converted, [
      ...[earlier, 'Answer to CUE-ON-A', 'CUE-OTHER'],
    ]);
    const early = await succeeded(c.cairn.command('session', 'fork', session, '--at', '1', '--json'));
    const cut = JSON.parse(early.toString()) as { as: string };
    await succeeded(c.cairn.mirror());
    const onCut = await lab.ask(c, cut.as, 'CUE-CUT');
    yield check('a fork that ends behind the first turn', onCut, ['CUE-TOOLS', 'CUE-CUT'], ['CUE-AGAIN']);

    yield* goApart(lab, a, b, session);
    const { exit, stderr } = await a.cairn.verify(session);
    yield seen('verified in the end', exit === 0, { exit, stderr });
  } finally {
    await lab.close();
  }
}
