import type { BucketStore } from '../../../src/index.ts';
import { type Client, connect, type Place, quantile } from './place.ts';

export interface ClaimFigures {
  readonly way: 'cairn' | 'two PUTs';
  readonly claimants: number;
  readonly winner: readonly number[];
  readonly loser: readonly number[];
  /** Rounds with another number of winners than one. */
  readonly wrong: number;
  /** Rounds after which the claim stands, and the state does not. */
  readonly orphans: number;
  /** Requests of the winner, median. */
  readonly requests: number;
}

/** N agents that claim one task at the same moment, again and again; each has seen the task before. */
export async function measureClaims(place: Place, claimants: number, rounds: number): Promise<readonly ClaimFigures[]> {
  const clients = await Promise.all(Array.from({ length: claimants }, (_, i) => connect(place, `c${claimants}-${i}`)));
  await Promise.all(clients.map(({ project }) => project.agents.register()));
  const figures = [await measureCairn(clients, rounds), await measureTwoPuts(clients, rounds)];
  await Promise.all(clients.map(({ project }) => project.close()));
  return figures;
}

async function measureCairn(clients: readonly Client[], rounds: number): Promise<ClaimFigures> {
  const tally = new Tally('cairn', clients.length);
  const [first] = clients;
  for (let round = 0; first && round < rounds; round++) {
    const task = `claim-${clients.length}-${round}`;
    await first.project.tasks.add(task);
    await Promise.all(clients.map(({ project }) => project.tasks.show(task)));
    await tally.round(clients, ({ project }) =>
      project.tasks.claim(task).then(
        () => true,
        (error) => {
          if (error.code === 'held') return false;
          throw error;
        },
      ),
    );
    const { state, agent } = await first.project.tasks.show(task);
    if (state !== 'held' || agent === undefined) tally.orphans++;
  }
  return tally.figures();
}

/** Tracecraft's way, as a reference: a conditional PUT is the claim, a second PUT says so. */
async function measureTwoPuts(clients: readonly Client[], rounds: number): Promise<ClaimFigures> {
  const tally = new Tally('two PUTs', clients.length);
  for (let round = 0; round < rounds; round++) {
    const prefix = `reference/${clients.length}-${round}`;
    await tally.round(clients, ({ app }) => claimByTwoPuts(app.store, prefix, app.config.values.agent));
  }
  return tally.figures();
}

async function claimByTwoPuts(store: BucketStore, prefix: string, agent: string): Promise<boolean> {
  const body = Buffer.from(JSON.stringify({ agent }));
  const { outcome } = await store.create(`${prefix}/claim.json`, body);
  if (outcome !== 'created') return false;
  await store.overwrite(`${prefix}/status.json`, Buffer.from(JSON.stringify({ agent, status: 'in_progress' })));
  return true;
}

class Tally {
  readonly #way: ClaimFigures['way'];
  readonly #claimants: number;
  readonly #winner: number[] = [];
  readonly #loser: number[] = [];
  readonly #requests: number[] = [];
  #wrong = 0;
  orphans = 0;

  constructor(way: ClaimFigures['way'], claimants: number) {
    this.#way = way;
    this.#claimants = claimants;
  }

  async round(clients: readonly Client[], claim: (client: Client) => Promise<boolean>): Promise<void> {
    const won = await Promise.all(
      clients.map(async (client) => {
        const before = client.app.requests();
        const start = performance.now();
        const isWinner = await claim(client);
        (isWinner ? this.#winner : this.#loser).push(performance.now() - start);
        if (isWinner) this.#requests.push(client.app.requests() - before);
        return isWinner;
      }),
    );
    if (won.filter(Boolean).length !== 1) this.#wrong++;
  }

  figures(): ClaimFigures {
    return {
      way: this.#way,
      claimants: this.#claimants,
      winner: this.#winner,
      loser: this.#loser,
      wrong: this.#wrong,
      orphans: this.orphans,
      requests: quantile(this.#requests, 0.5),
    };
  }
}
