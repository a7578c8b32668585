import type { Company } from './actor-story.ts';

const QUESTIONS = 8;
const ANSWERED_MS = 30_000;

/** Asks over one connection, without waiting for answers: there is one for each, in their order (P15). */
export async function askInTurn({
  sim,
  random,
  members,
  oracle,
  everybody,
}: Company): Promise<void> {
  const asker = random.pick(members);
  const to = random.pick(everybody);
  if (!asker || !to) return;
  let answered = '';
  const decoder = new TextDecoder();
  const connection = asker.process.runtime.network.connect(to.address, {
    onOpen: () => undefined,
    onBytes: (bytes) => {
      answered += decoder.decode(bytes);
    },
    onClose: () => undefined,
  });
  for (let n = 0; n < QUESTIONS; n += 1) {
    const head = `GET /${to.id}/ask?question=pipelined-${String(n)}- HTTP/1.1\r\nHost: ${to.address}\r\n\r\n`;
    connection.write(new TextEncoder().encode(head));
  }
  await sim.advance(ANSWERED_MS);
  connection.close();
  const statuses = [...answered.matchAll(/HTTP\/1\.1 (\d+)/g)].length;
  const order = [...answered.matchAll(/pipelined-(\d+)-/g)].map(([, n]) => Number(n));
  if (statuses !== QUESTIONS)
    oracle.answeredWrongly(`Of ${String(QUESTIONS)} requests ${String(statuses)} are answered`);
  if (order.some((n, index) => n <= (order[index - 1] ?? -1)))
    oracle.answeredWrongly(`Requests are answered in the order ${order.join()}`);
}
