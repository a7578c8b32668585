import { dispatch, Process, type UPID } from '../../libprocess/index.ts';
import { bestSeconds, localNode } from '../local-actors.ts';
import type { Result } from '../result.ts';
import { besideCpp, rounded } from './cpp.ts';

export const name = 'libprocess/LargeNumberOfLinks';

const LINKS = 5_000;
const EPHEMERALS = 10_000;
const CPP_SECONDS = 0.28;

class LinkeeProcess extends Process {}

class LinkerProcess extends Process {
  readonly #to: UPID;

  constructor(id: string, to: UPID) {
    super(id);
    this.#to = to;
  }

  protected override initialize(): void {
    this.link(this.#to);
  }
}

class EphemeralProcess extends Process {
  /** Ends this very process: so the wait for its end is one for the dispatch, too. */
  terminate(): void {
    this.node.terminate(this.self);
  }
}

/** Actors come, are called once, and end, beside many links that have nothing to do with them. */
export async function run(): Promise<Result[]> {
  await using node = localNode();
  for (let i = 0; i < LINKS; i += 1) {
    const linkee = node.spawn(new LinkeeProcess(`linkee(${i})`));
    node.spawn(new LinkerProcess(`linker(${i})`, linkee));
  }
  const seconds = await bestSeconds(async () => {
    const pids = Array.from({ length: EPHEMERALS }, (_, i) => {
      const pid = node.spawn(new EphemeralProcess(`ephemeral(${i})`));
      void dispatch(pid, 'terminate');
      return pid;
    });
    for (const pid of pids) await node.wait(pid);
  });
  const params = { links: LINKS, ephemerals: EPHEMERALS };
  const value = rounded(seconds);
  return besideCpp({ name, params, metric: 'elapsed', value, unit: 's' }, CPP_SECONDS);
}
